// A real ClickHouse server on loopback, from the library that Tocsin brings: `node serve-click.ts FOLDER PORT`. It blocks
// its process until it is killed. libchdb reads a command line like the program's own.
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { dlopen, getRawPointer } from "node:ffi";

const [folder = "", port = ""] = process.argv.slice(2);
const config = join(folder, "config.xml");
writeFileSync(
  config,
  "<clickhouse><logger><level>none</level></logger><users><default><password></password><profile>default</profile><quota>default</quota></default></users><profiles><default/></profiles><quotas><default/></quotas></clickhouse>",
);
const words = [
  "clickhouse",
  `--config-file=${config}`,
  `--path=${join(folder, "data")}`,
  "--listen_host=127.0.0.1",
  `--http_port=${port}`,
  "--query=system start listen http; select sleepEachRow(1) from numbers(3600) settings max_block_size = 1, function_sleep_max_microseconds_per_block = 4000000000",
];
const texts = words.map((word) => Buffer.from(`${word}\0`));
const list = new BigUint64Array(texts.map((text) => getRawPointer(text)));
const library = join(dirname(libraryPackage()), "libchdb.so");
using opened = dlopen(library, {
  chdb_query_cmdline: { arguments: ["int32", "pointer"], return: "pointer" },
});
opened.functions.chdb_query_cmdline(words.length, getRawPointer(list));

function libraryPackage(): string {
  const system =
    process.platform === "linux"
      ? `linux-${process.arch}-gnu`
      : `${process.platform}-${process.arch}`;
  return createRequire(import.meta.url).resolve(`@chdb/lib-${system}/package.json`);
}
