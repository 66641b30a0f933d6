import { CONDITION_CASES } from "./condition-cases.ts";
import type { DetectionCase } from "./detection-case.ts";
import { FIELDS_AND_ABSENCE } from "./field-cases.ts";
import { TEXT_CASES } from "./text-cases.ts";
import { VALUE_CASES } from "./value-cases.ts";

export const DETECTION_CASES: readonly DetectionCase[] = [
  ...TEXT_CASES,
  ...VALUE_CASES,
  ...FIELDS_AND_ABSENCE,
  ...CONDITION_CASES,
];
