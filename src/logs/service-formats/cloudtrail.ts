// AWS CloudTrail: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
import type { Format } from "../format.ts";
import { has, inFields, isText, jsonFields, jsonReads } from "../json-reads.ts";
import { kindByVerb, kindOf, kindColumns } from "../kinds.ts";
import { firstThere, flag, hostname, utcTime } from "../sql-words.ts";

const { steps, at } = jsonReads({
  time: ["eventTime", '"@timestamp"'], // Logstash and Filebeat put it there and drop the other
  id: "eventID",
  name: "eventName",
  source: "eventSource",
  region: "awsRegion",
  from: "sourceIPAddress",
  agent: "userAgent",
  error: "errorCode",
  errorMessage: "errorMessage",
  recipient: "recipientAccountId",
  account: "userIdentity.accountId",
  type: "userIdentity.type",
  arn: "userIdentity.arn",
  principal: "userIdentity.principalId",
  user: "userIdentity.userName",
  invokedBy: "userIdentity.invokedBy",
  identityStoreUser: "userIdentity.onBehalfOf.userId",
  key: "userIdentity.accessKeyId",
  issuer: "userIdentity.sessionContext.sessionIssuer.userName",
  sessionMfa: "userIdentity.sessionContext.attributes.mfaAuthenticated",
  loginMfa: "additionalEventData.MFAUsed",
  signedInAs: "additionalEventData.UserName",
  signIn: "responseElements.ConsoleLogin",
  directorySignIn: [
    "serviceEventDetails.UserAuthentication",
    "serviceEventDetails.CredentialVerification",
  ],
  targetUser: ["requestParameters.userName", "requestParameters.username"],
  bucket: "requestParameters.bucketName",
  objectKey: "requestParameters.key",
  target: [
    "requestParameters.roleName",
    "requestParameters.roleArn",
    "requestParameters.groupName",
    "requestParameters.instanceId",
    "requestParameters.secretId",
    "requestParameters.functionName",
    "requestParameters.dBSnapshotIdentifier",
    "requestParameters.dBInstanceIdentifier",
    "requestParameters.keyId",
    "requestParameters.groupId",
    "requestParameters.snapshotId",
    "requestParameters.name",
    "requestParameters.trailName",
    "requestParameters.modelId",
    "requestParameters.target",
  ],
  arns: "resources[].ARN",
  arnTypes: "resources[].type",
});

// `assumed-role/Admin/jo@example.com` → `Admin/jo@example.com`: a role's name alone tells nothing about who.
const ACTOR = `multiIf(${at.user} != '' and ${at.type} != 'AssumedRole', ${at.user},
  ${at.type} = 'Root', 'root',
  extract(${at.arn}, ':assumed-role/(.+)$') != '', extract(${at.arn}, ':assumed-role/(.+)$'),
  ${firstThere([at.invokedBy, at.signedInAs, at.issuer, `extract(${at.arn}, '[:/]([^:/]+)$')`, at.identityStoreUser])})`;

// Names mean what they say in the service named before them only: Transfer Family has a CreateUser as well.
const KIND = kindOf(
  `concat(splitByChar('.', ${at.source})[1], ':', ${at.name})`,
  {
    logon: [
      "signin:ConsoleLogin",
      "signin:UserAuthentication",
      "sso:Authenticate",
      "sso:Federate",
      "signin:CredentialVerification",
      "cognito-idp:InitiateAuth",
      "cognito-idp:AdminInitiateAuth",
      "cognito-idp:RespondToAuthChallenge",
      "cognito-idp:AdminRespondToAuthChallenge",
    ],
    logoff: [
      "sso:Logout",
      "signin:Logout",
      "signin:ExitRole",
      "cognito-idp:GlobalSignOut",
      "cognito-idp:AdminUserGlobalSignOut",
    ],
    "account-switch": ["signin:SwitchRole"],
    ticket: [
      "sts:AssumeRole",
      "sts:AssumeRoleWithSAML",
      "sts:AssumeRoleWithWebIdentity",
      "sts:AssumeRoot",
      "sts:GetSessionToken",
      "sts:GetFederationToken",
      "signin:GetSigninToken",
    ],
    "account-create": [
      "iam:CreateUser",
      "sso-directory:CreateUser",
      "identitystore:CreateUser",
      "cognito-idp:AdminCreateUser",
      "cognito-idp:SignUp",
    ],
    "account-delete": [
      "iam:DeleteUser",
      "sso-directory:DeleteUser",
      "identitystore:DeleteUser",
      "cognito-idp:AdminDeleteUser",
      "cognito-idp:DeleteUser",
    ],
    "account-enable": [
      "iam:CreateLoginProfile",
      "sso-directory:EnableUser",
      "cognito-idp:AdminEnableUser",
    ],
    "account-disable": [
      "iam:DeleteLoginProfile",
      "sso-directory:DisableUser",
      "cognito-idp:AdminDisableUser",
    ],
    "password-change": [
      "iam:ChangePassword",
      "signin:PasswordUpdated",
      "cognito-idp:ChangePassword",
    ],
    "password-reset": [
      "iam:UpdateLoginProfile",
      "signin:PasswordRecoveryCompleted",
      "sso-directory:UpdatePassword",
      "sso-directory:ResetPassword",
      "cognito-idp:AdminResetUserPassword",
      "cognito-idp:AdminSetUserPassword",
      "cognito-idp:ConfirmForgotPassword",
    ],
    "mfa-enable": [
      "iam:EnableMFADevice",
      "sso-directory:CompleteVirtualMfaDeviceRegistration",
      "sso-directory:CompleteWebAuthnDeviceRegistration",
      "cognito-idp:SetUserMFAPreference",
    ],
    "mfa-disable": [
      "iam:DeactivateMFADevice",
      "iam:DeleteVirtualMFADevice",
      "sso-directory:DeleteMfaDeviceForUser",
    ],
    "policy-attach": ["iam:AttachUserPolicy", "iam:PutUserPolicy"],
    "policy-detach": ["iam:DetachUserPolicy", "iam:DeleteUserPolicy"],
    "group-add": ["iam:AddUserToGroup", "sso-directory:AddMemberToGroup"],
    "group-remove": ["iam:RemoveUserFromGroup", "sso-directory:RemoveMemberFromGroup"],
    "group-create": ["iam:CreateGroup"],
    "group-delete": ["iam:DeleteGroup"],
  },
  kindByVerb(at.name, "api"),
);

const IS_AUTHENTICATION =
  "kind in ('logon', 'logoff', 'account-switch', 'ticket', 'password-change')";

export const cloudtrail: Format = {
  name: "cloudtrail",
  about: "AWS CloudTrail events: files with Records, NDJSON",
  records: { by: "json", inside: ["Records"] },
  json: true,
  claims: `${isText("eventName")} and (endsWith(JSONExtractString(raw, 'eventSource'), '.amazonaws.com')
    or startsWith(JSONExtractString(raw, 'eventType'), 'Aws')
    or (${has("userIdentity", "type")} and ${has("awsRegion")}))`,
  rank: 50,
  steps: {
    ...steps,
    kind: KIND,
    failed: `${at.error} != '' or ${at.signIn} = 'Failure' or ${at.directorySignIn} = 'Failure'
      or (kind = 'logon' and ${at.errorMessage} != '')`,
  },
  time: utcTime("told"),
  product: "aws",
  category: "",
  service: "cloudtrail",
  columns: {
    ...kindColumns("kind"),
    status_id: "if(failed, 2, 1)",
    status_detail: firstThere([at.errorMessage, at.error]),
    metadata_uid: at.id,
    actor_user_name: ACTOR,
    actor_user_uid: firstThere([at.arn, at.identityStoreUser, at.principal]),
    user_name: `multiIf(${IS_AUTHENTICATION}, ${firstThere([at.user, at.signedInAs, ACTOR])}, match(kind, '^(account|password|mfa|policy|group)-'), ${at.targetUser}, '')`,
    session_uid: at.key,
    is_mfa: flag(firstThere([at.loginMfa, at.sessionMfa])),
    src_endpoint_ip: at.from,
    src_endpoint_hostname: hostname(at.from),
    http_request_user_agent: at.agent,
    api_service_name: at.source,
    api_operation: at.name,
    api_response_error: at.error,
    resource_type: `multiIf(${at.bucket} != '' and ${at.objectKey} != '', 'AWS::S3::Object', ${at.bucket} != '', 'AWS::S3::Bucket', ${at.arnTypes}[1])`,
    resource_uid: `multiIf(${at.bucket} != '' and ${at.objectKey} != '', concat(${at.bucket}, '/', ${at.objectKey}),
      ${firstThere([at.bucket, `${at.arns}[1]`, at.target, at.targetUser])})`,
    cloud_account_uid: firstThere([at.recipient, at.account]),
    cloud_region: at.region,
    fields: "map('status', if(failed, 'failure', 'success'))", // what the event itself says by having no errorCode
  },
  fieldPlaces: jsonFields({ status: [inFields("status")] }),
};
