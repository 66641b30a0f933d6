// What PDF.js answers beside the text, whose types it leaves open.
import { z } from "zod";

const Annotation = z.looseObject({
  contentsObj: z.looseObject({ str: z.string() }).optional(),
  titleObj: z.looseObject({ str: z.string() }).optional(),
  url: z.string().optional(),
  unsafeUrl: z.string().optional(),
  fieldName: z.string().optional(),
  fieldValue: z.unknown().optional(),
});

/** Comments with their authors, links, and the values of forms. */
export function annotationTexts(annotations: readonly unknown[]): string[] {
  return annotations.flatMap((one) => {
    const parsed = Annotation.safeParse(one);
    if (!parsed.success) return [];
    const { contentsObj, titleObj, url, unsafeUrl, fieldName, fieldValue } = parsed.data;
    const field = fieldText(fieldValue);
    return [
      [titleObj?.str ?? "", contentsObj?.str ?? ""].filter(Boolean).join(": "),
      unsafeUrl ?? url ?? "",
      field === "" ? "" : `${fieldName ?? ""} ${field}`,
    ].filter((text) => text.trim() !== "");
  });
}

function fieldText(value: unknown): string {
  if (Array.isArray(value)) return value.map(fieldText).filter(Boolean).join(" ");
  return typeof value === "string" ? value : "";
}

const Metadata = z.looseObject({ info: z.record(z.string(), z.unknown()).optional() });

export function metadataTexts(metadata: unknown): string[] {
  const { data } = Metadata.safeParse(metadata);
  return Object.entries(data?.info ?? {}).flatMap(([key, value]) =>
    typeof value === "string" && value !== "" && key !== "PDFFormatVersion"
      ? [`${key}: ${value}`]
      : [],
  );
}

const Attached = z.record(
  z.string(),
  z.looseObject({ filename: z.string().optional(), content: z.instanceof(Uint8Array).optional() }),
);

export function attachedFiles(attached: unknown): { name: string; content: Buffer }[] {
  const entries = attached instanceof Map ? Object.fromEntries(attached) : attached;
  const { data } = Attached.safeParse(entries ?? {});
  return Object.entries(data ?? {}).flatMap(([key, { filename, content }]) =>
    content ? [{ name: filename ?? key, content: Buffer.from(content) }] : [],
  );
}
