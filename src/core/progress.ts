/** Told of long work as it goes. The CLI draws a bar, the server sends it as an event, tests ignore it. */
export type Progress = (report: {
  /** What is being done, as a short phrase: `read customers`. One line a phrase. */
  readonly what: string;
  readonly done: number;
  /** Where it is known. */
  readonly of?: number;
  /** `rows`, `bytes`, `messages`. */
  readonly unit: string;
}) => void;

export const noProgress: Progress = () => {};
