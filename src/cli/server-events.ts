/** Server-sent events (WHATWG HTML, 9.2) of a response, one after the other. Ends where the stream ends. */
export async function* readEvents(
  response: Response,
): AsyncGenerator<{ name: string; data: string }> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of response.body ?? []) {
    rest += decoder.decode(bytes, { stream: true });
    const blocks = rest.split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) yield eventOf(block);
  }
}

function eventOf(block: string): { name: string; data: string } {
  const fields = block
    .split("\n")
    .map(
      (line) =>
        [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trimStart()] as const,
    );
  const data = fields.filter(([field]) => field === "data").map(([, value]) => value);
  return {
    name: fields.find(([field]) => field === "event")?.[1] ?? "message",
    data: data.join("\n"),
  };
}
