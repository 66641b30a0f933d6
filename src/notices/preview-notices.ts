import type { NoticePerson } from "./person.ts";
import { noticeKit, type Notice } from "./render.ts";
import type { NoticeSettings } from "./settings.ts";

export type Preview = {
  readonly samples: readonly (Notice & { readonly to: string })[];
  readonly people: number;
  /** Notices a language of template. */
  readonly languages: Readonly<Record<string, number>>;
  /** People whose own language has no template, by that language. */
  readonly fallbacks: Readonly<Record<string, number>>;
  /** People for whom a placeholder is empty, by its name: they would be refused. */
  readonly empty: Readonly<Record<string, number>>;
};

export type PreviewInput = {
  readonly settings: NoticeSettings;
  readonly people: AsyncIterable<readonly NoticePerson[]> | Iterable<readonly NoticePerson[]>;
  readonly samplesPerLanguage?: number;
};

/** The reference code of a preview is made with this, and is nobody's. */
const NOBODYS_KEY = new Uint8Array(32);

/** Renders everybody's notice and keeps a few a language, of shapes as different as they come. Sends nothing, stores nothing. */
export async function previewNotices({
  settings,
  people,
  samplesPerLanguage = 2,
}: PreviewInput): Promise<Preview> {
  const kit = noticeKit(settings, NOBODYS_KEY);
  const [languages, fallbacks, empty] = [
    new Map<string, number>(),
    new Map<string, number>(),
    new Map<string, number>(),
  ];
  const samples: (Notice & { to: string })[] = [];
  let count = 0;
  for await (const some of people) {
    for (const person of some) {
      count += 1;
      const shapes = kit.shapes();
      const shown = kit.show(person);
      if ("empty" in shown) {
        for (const name of shown.empty) bump(empty, name);
        continue;
      }
      bump(languages, shown.language);
      if (shown.fallback) bump(fallbacks, person.language);
      const isNew = kit.shapes() > shapes;
      const taken = samples.filter(({ language }) => language === shown.language).length;
      if (isNew && taken < samplesPerLanguage) samples.push({ ...shown, to: person.to });
    }
  }
  return {
    samples,
    people: count,
    languages: Object.fromEntries(languages),
    fallbacks: Object.fromEntries(fallbacks),
    empty: Object.fromEntries(empty),
  };
}

function bump(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
