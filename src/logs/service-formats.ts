// Formats of clouds, of services that are rented, and of sensors in a network: all JSON.
import type { Format } from "./format.ts";
import { auth0 } from "./formats/auth0.ts";
import { azureActivity } from "./formats/azure-activity.ts";
import { bitbucketAudit } from "./formats/bitbucket-audit.ts";
import { cloudflare } from "./formats/cloudflare.ts";
import { cloudtrail } from "./formats/cloudtrail.ts";
import { cloudtrailDigest } from "./formats/cloudtrail-digest.ts";
import { duo } from "./formats/duo.ts";
import { entraAudit } from "./formats/entra-audit.ts";
import { entraPim } from "./formats/entra-pim.ts";
import { entraRisk } from "./formats/entra-risk.ts";
import { entraSignIn } from "./formats/entra-sign-in.ts";
import { gcpAudit } from "./formats/gcp-audit.ts";
import { githubAudit } from "./formats/github-audit.ts";
import { gitlabAudit } from "./formats/gitlab-audit.ts";
import { googleWorkspace } from "./formats/google-workspace.ts";
import { keycloak } from "./formats/keycloak.ts";
import { kubernetesAudit } from "./formats/kubernetes-audit.ts";
import { m365Audit } from "./formats/m365-audit.ts";
import { okta } from "./formats/okta.ts";
import { onelogin } from "./formats/onelogin.ts";
import { slackAudit } from "./formats/slack-audit.ts";
import { suricata } from "./formats/suricata.ts";
import { zeek } from "./formats/zeek.ts";

export const SERVICE_FORMATS: readonly Format[] = [
  auth0,
  azureActivity,
  bitbucketAudit,
  cloudflare,
  cloudtrail,
  cloudtrailDigest,
  duo,
  entraAudit,
  entraPim,
  entraRisk,
  entraSignIn,
  gcpAudit,
  githubAudit,
  gitlabAudit,
  googleWorkspace,
  keycloak,
  kubernetesAudit,
  m365Audit,
  okta,
  onelogin,
  slackAudit,
  suricata,
  zeek,
];
