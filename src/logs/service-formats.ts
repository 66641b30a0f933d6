// Formats of clouds, of services that are rented, and of sensors in a network: all JSON.
import type { Format } from "./format.ts";
import { auth0 } from "./service-formats/auth0.ts";
import { azureActivity } from "./service-formats/azure-activity.ts";
import { bitbucketAudit } from "./service-formats/bitbucket-audit.ts";
import { cloudflare } from "./service-formats/cloudflare.ts";
import { cloudtrail } from "./service-formats/cloudtrail.ts";
import { cloudtrailDigest } from "./service-formats/cloudtrail-digest.ts";
import { duo } from "./service-formats/duo.ts";
import { entraAudit } from "./service-formats/entra-audit.ts";
import { entraPim } from "./service-formats/entra-pim.ts";
import { entraRisk } from "./service-formats/entra-risk.ts";
import { entraSignIn } from "./service-formats/entra-sign-in.ts";
import { gcpAudit } from "./service-formats/gcp-audit.ts";
import { githubAudit } from "./service-formats/github-audit.ts";
import { gitlabAudit } from "./service-formats/gitlab-audit.ts";
import { googleWorkspace } from "./service-formats/google-workspace.ts";
import { keycloak } from "./service-formats/keycloak.ts";
import { kubernetesAudit } from "./service-formats/kubernetes-audit.ts";
import { m365Audit } from "./service-formats/m365-audit.ts";
import { okta } from "./service-formats/okta.ts";
import { onelogin } from "./service-formats/onelogin.ts";
import { slackAudit } from "./service-formats/slack-audit.ts";
import { suricata } from "./service-formats/suricata.ts";
import { zeek } from "./service-formats/zeek.ts";

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
