import type { Format } from "../format.ts";
import { messageColumns, messageFieldPlaces, messageSteps } from "../message-columns.ts";
import { textClock } from "../text-clock.ts";

const clock = textClock("raw");

/** Lines of any application: nothing is known of them but a time that stands in them, and what they say of sign-ins in words. */
export const text: Format = {
  name: "text",
  about: "lines of any application; sign-ins that they tell of in words are recognised",
  records: { by: "line" },
  json: false,
  claims: "false",
  rank: 0,
  steps: {
    ...clock.steps,
    ...messageSteps({ program: "''", message: "message", words: "raw" }),
  },
  time: clock.time,
  product: "",
  category: "",
  service: "",
  columns: messageColumns("raw"),
  fieldPlaces: messageFieldPlaces,
};
