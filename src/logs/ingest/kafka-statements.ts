// Kafka by ClickHouse's own client: a table that reads the topic, and a view that hands what it reads to a log's door. The door answers when the
// records are durable, so offsets are committed after that; where it refuses, ClickHouse reads the same again.
import { identifier, quote } from "../../db/click-bind.ts";

export type KafkaInput = {
  readonly stream: string;
  /** `HOST:PORT`, with commas between. */
  readonly brokers: string;
  readonly topic: string;
  readonly group: string;
  /** Address of the log's door, as that ClickHouse reaches it. */
  readonly door: string;
};

/** What stands where the token must be put: it is in no file that we print. */
export const TOKEN_PLACE = "TOKEN-OF-THE-STREAM";

export function kafkaStatements({ stream, brokers, topic, group, door }: KafkaInput): string[] {
  const name = (part: string): string => identifier(`tocsin_${stream}_${part}`);
  return [
    `create table ${name("topic")} (line String)
engine = Kafka
settings kafka_broker_list = ${quote(brokers)}, kafka_topic_list = ${quote(topic)}, kafka_group_name = ${quote(group)},
  kafka_format = 'RawBLOB', kafka_max_block_size = 10000, kafka_poll_max_batch_size = 10000, kafka_flush_interval_ms = 500`,
    `create table ${name("door")} (line String)
engine = URL(${quote(door)}, 'LineAsString', headers('authorization' = ${quote(`Bearer ${TOKEN_PLACE}`)}))`,
    `create materialized view ${name("reader")} to ${name("door")} as
select replaceAll(line, '\\n', ' ') as line from ${name("topic")} where line != ''`,
  ];
}
