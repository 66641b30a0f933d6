import { z } from "zod";
import { Scratch } from "../../db/scratch.ts";

/** What a correlation keeps between its statements. */
export class Tables extends Scratch {
  /** `columns` in parentheses. Several selects are run one after the other. `small`: it is kept in memory. */
  async make(
    what: string,
    columns: string,
    of: { readonly select: string | readonly string[]; readonly small?: boolean },
  ): Promise<string> {
    const name = await this.empty(what, columns, { small: of.small === true });
    for (const select of [of.select].flat())
      await this.click.command(`insert into ${name} ${select}`);
    return name;
  }

  async rowsIn(table: string): Promise<number> {
    const [row] = await this.click.query(
      z.object({ rows: z.number() }),
      `select count() as rows from ${table}`,
    );
    return row?.rows ?? 0;
  }

  /** Moments that cut the rows, by their time, into about so many equal pieces. Microseconds, rising. */
  async timesOf(table: string, pieces: number): Promise<string[]> {
    const levels = Array.from({ length: pieces - 1 }, (_, index) => (index + 1) / pieces);
    const [row] = await this.click.query(
      z.object({ times: z.array(z.string()) }),
      `select arrayDistinct(arrayMap(x -> toString(toInt64(x)), quantilesDeterministic(${levels.join(", ")})(t, place))) as times from ${table}`,
    );
    return row?.times ?? [];
  }
}
