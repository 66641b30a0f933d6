import type { z } from "zod";
import type { Context } from "../db/context.ts";
import { renderReport } from "./render-report.ts";
import { reportModel, ReportInput, type ReportModel } from "./report-model.ts";

export { ReportInput };

/** The incident's report: the data, and the same as one HTML file that needs no network. */
export async function report(
  ctx: Context,
  input: z.input<typeof ReportInput>,
): Promise<{ model: ReportModel; html: string }> {
  const model = await reportModel(ctx, input);
  return { model, html: await renderReport(model, { live: false }) };
}
