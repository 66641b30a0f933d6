import type { Format } from "../format.ts";

/** A log stream of tocsin.yaml that takes records over HTTP, ready to be written to. */
export type Stream = {
  /** Also the `source` of its events. */
  readonly name: string;
  /** How the lines of a request are read. */
  readonly format: Format;
  /** How OTLP's log records are kept: `otlp`, or `format` where tocsin.yaml names one. */
  readonly otlpFormat: Format;
  /** IANA name; of times that name none. */
  readonly zone: string;
  /** What sends to it must know. Relative to the folder of tocsin.yaml. */
  readonly tokenFile: string;
};
