// AWS CloudTrail digest files stand in the same bucket as the log files: signed lists of their hashes. They hold no events.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html
import type { Format } from "../format.ts";
import { has, jsonFields, textAt } from "../json-reads.ts";
import { utcTime } from "../sql-words.ts";

export const cloudtrailDigest: Format = {
  name: "cloudtrail-digest",
  about: "AWS CloudTrail digest files: recognised, and left aside with the reason",
  records: { by: "json" },
  json: true,
  claims: `${has("digestStartTime")} and ${has("logFiles")}`,
  rank: 60,
  broken: "'a CloudTrail digest file: hashes of log files, no events'",
  time: utcTime(textAt("digestEndTime")),
  product: "aws",
  category: "",
  service: "cloudtrail-digest",
  columns: {
    cloud_account_uid: textAt("awsAccountId"),
    resource_uid: textAt("digestS3Object"),
  },
  fieldPlaces: jsonFields(),
};
