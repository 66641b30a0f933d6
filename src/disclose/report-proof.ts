// The timeline, day by day, and how anybody can check that nothing of this was changed afterwards.
import { html } from "hono/html";
import type { ReportModel } from "./report-model.ts";
import type { TimelineEntry } from "./timeline.ts";
import { number, plural } from "./words.ts";

type Html = ReturnType<typeof html>;

/** A day with more entries than this is folded, unless it is the first or the last. */
const MANY = 40;

export function timeline({ timeline: entries }: ReportModel): Html {
  const days = [...Map.groupBy(entries, (one) => one.at.slice(0, 10))];
  return html`<section id="timeline">
    <h2>Timeline</h2>
    ${days.map(([day, own], place) => {
      const open = own.length <= MANY || place === 0 || place === days.length - 1;
      return html`<details ${open ? "open" : ""}>
        <summary>
          ${dayName(day)}
          <span class="dim">${plural(own.length, "entry", "entries")}, times in UTC</span>
        </summary>
        <ol class="timeline">
          ${own.map(entryShown)}
        </ol>
      </details>`;
    })}
  </section>`;
}

function dayName(day: string): string {
  return new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" }).format(
    new Date(`${day}T00:00:00Z`),
  );
}

const LONG = 400;

function entryShown({ at, kind, text, by }: TimelineEntry): Html {
  const says =
    text.length <= LONG
      ? html`${text}`
      : html`${text.slice(0, LONG)}…
          <details>
            <summary>all of it</summary>
            ${text}
          </details>`;
  return html`<li class="kind-${kind}">
    <time datetime="${at}">${at.slice(11, 16)}</time>
    <span class="kind">${kind}</span>
    <div>${says}${by ? html` <span class="dim">— ${by}</span>` : ""}</div>
  </li>`;
}

export function proofs({ proof }: ReportModel): Html {
  if (!proof)
    return html`<section id="proof">
      <h2>Proof</h2>
      <p>The ledger has no signed checkpoint yet.</p>
    </section>`;
  const after = proof.entries - proof.size;
  return html`<section id="proof">
    <h2>Proof</h2>
    <p>
      Every decision, approval, outcome and notice is an entry of an append-only ledger: a Merkle
      tree (RFC 6962) whose root is signed with Ed25519. The checkpoint below covers the first
      <b>${number(proof.size)}</b> of ${number(proof.entries)}
      entries${after > 0 ? `; ${plural(after, "entry", "entries")} came after it` : ""}. No entry
      under it can be changed, left out or put elsewhere without the root becoming another.
    </p>
    <dl class="facts">
      <div>
        <dt>check the whole</dt>
        <dd><code>tocsin ledger verify</code> recomputes every leaf and the root</dd>
      </div>
      <div>
        <dt>prove one thing</dt>
        <dd>
          <code>tocsin ledger prove</code> writes the proof of one notice or outcome, which stands
          alone and names nobody else
        </dd>
      </div>
      <div>
        <dt>check such a proof</dt>
        <dd><code>tocsin ledger check-proof</code>, or any C2SP verifier, with the key below</dd>
      </div>
    </dl>
    <p class="dim">The signed checkpoint</p>
    <pre>${proof.note}</pre>
    <p class="dim">
      The key that signed it; compare it with the one that you were given another way
    </p>
    <p class="mono">${proof.key}</p>
  </section>`;
}
