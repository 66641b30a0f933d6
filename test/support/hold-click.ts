// A process that holds an embedded ClickHouse's folder until it is killed.
import { openEngine } from "../../src/db/click-engine.ts";

await openEngine({
  path: process.argv[2] ?? "",
  memoryBytes: 200_000_000,
  who: "the holder of the test",
});
process.send?.("held");
setInterval(() => {}, 60_000);
