import type { Format } from "../format.ts";
import { fieldMap, httpColumns, webFieldPlaces } from "../http-columns.ts";
import { writtenTime } from "../time.sql.ts";

const LINE = String.raw`'\\[GIN\\] ([0-9]{4}/[0-9]{2}/[0-9]{2}) - ([0-9:]{8}) \\|[^0-9|]*([0-9]{3})[^0-9|]*\\| *([^|]*?) *\\| *([0-9A-Fa-f.:]+) *\\|[^A-Z|]*([A-Z]+)\\W.*?"(.*)"'`;

/** The access log of programs made with Gin, such as Gotify. */
export const gin: Format = {
  name: "gin",
  about: "access logs of programs made with Gin",
  records: { by: "line" },
  json: false,
  claims: `match(raw, ${LINE})`,
  rank: 40,
  steps: {
    g: `extractGroups(raw, ${LINE})`,
    verb: "g[6]",
    target: "g[7]",
    code: "g[3]",
  },
  broken: "if(empty(g), 'no access line of Gin', '')",
  time: writtenTime("concat(replaceAll(g[1], '/', '-'), ' ', g[2])"),
  product: "",
  category: "webserver",
  service: "",
  columns: {
    ...httpColumns("verb", "target", "code"),
    src_endpoint_ip: "g[5]",
    fields: fieldMap({ uri: "target", latency: "g[4]" }),
  },
  fieldPlaces: webFieldPlaces,
};
