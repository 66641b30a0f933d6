import type { Format } from "../format.ts";
import { inFields } from "../json-reads.ts";
import { kind, kindColumns } from "../kinds.ts";
import { signInSteps } from "../sign-ins/recognise.sql.ts";
import { anyTime } from "../time.sql.ts";

const AHEAD = String.raw`^[^0-9A-Za-z]{0,3}(?:[\w./ -]{1,64} \| )?\[?([0-9]{4}[-/][0-9]{2}[-/][0-9]{2}[T ][0-9:.,]{5,18}(?: ?(?:Z|UTC|[-+][0-9]{2}:?[0-9]{2}))?|[0-9]{2}/[0-9]{2}/[0-9]{4},? [0-9:]{7,8}(?: [AP]M)?|[A-Z][a-z]{2} [A-Z][a-z]{2} [ 0-9][0-9] [0-9:.]+ [0-9]{4})`;
const ANYWHERE = String.raw`([0-9]{4}[-/][0-9]{2}[-/][0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]+)?(?: ?(?:Z|UTC|[-+][0-9]{2}:?[0-9]{2})\b)?)`;

/** Lines of any application: nothing is known of them but a time that stands in them, and what they say of sign-ins in words. */
export const text: Format = {
  name: "text",
  about: "lines of any application; sign-ins that they tell of in words are recognised",
  records: { by: "line" },
  json: false,
  claims: "false",
  rank: 0,
  steps: {
    ahead: `extract(left(raw, 256), '${AHEAD.replaceAll("\\", "\\\\")}')`,
    stamp: `if(ahead != '', ahead, extract(left(raw, 2000), '${ANYWHERE.replaceAll("\\", "\\\\")}'))`,
    ...signInSteps("raw"),
    what: `if(sign_in > 0, ${kind("logon")}, ${kind("other")})`,
  },
  time: anyTime("stamp"),
  product: "",
  category: "",
  service: "",
  columns: {
    ...kindColumns("what"),
    status_id: "if(sign_in = 3, 0, sign_in)",
    user_name: "if(sign_in > 0, who, '')",
    src_endpoint_ip: "whence",
    src_endpoint_port: "whence_port",
    message: "left(raw, 4000)",
  },
  fieldPlaces: (field) => [inFields(field)],
};
