// One SMTP conversation, strictly after RFC 5321: what a large provider refuses, this refuses. Knows no sockets: bytes
// in, replies out. Extensions: PIPELINING, SIZE, 8BITMIME, SMTPUTF8, AUTH, ENHANCEDSTATUSCODES.

export type Envelope = { readonly from: string; readonly to: readonly string[] };

/** What the mailbox provider behind a session decides. */
export type SmtpHost = {
  readonly name: string;
  /** Nobody needs to sign in. */
  readonly open?: true;
  readonly user: string;
  readonly password: string;
  /** Undefined takes the recipient; else the reply that refuses or defers it. */
  recipient(address: string): string | undefined;
  /** Takes responsibility. Undefined: the line is cut after the message was kept, before the reply. */
  take(envelope: Envelope, raw: Buffer): Promise<string | undefined>;
};

/** What to send back, in order; `close` ends the conversation after it, `cut` tears it. */
export type Answer = { readonly text: string; readonly ending?: "close" | "cut" };

const SIZE_LIMIT = 10_000_000;
const COMMAND_LIMIT = 2_048; // RFC 5321 4.5.3.1.4 and what extensions add
const RECIPIENT_LIMIT = 100;
const CRLF = Buffer.from("\r\n");
const END = Buffer.from("\r\n.\r\n");

type State = {
  helo: boolean;
  signedIn: boolean;
  from: string | undefined;
  eightBit: boolean;
  utf8: boolean;
  to: string[];
};

export class SmtpSession {
  readonly #host: SmtpHost;
  readonly #state: State = {
    helo: false,
    signedIn: false,
    from: undefined,
    eightBit: false,
    utf8: false,
    to: [],
  };
  #rest: Buffer = Buffer.alloc(0);
  #mode: "command" | "data" | "login-user" | "login-password" = "command";
  #loginUser = "";

  constructor(host: SmtpHost) {
    this.#host = host;
  }

  /** Takes what arrived, answers all that is complete in it (PIPELINING, RFC 2920). Not to be called again before it resolves. */
  async receive(bytes: Buffer): Promise<Answer> {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    let text = "";
    for (;;) {
      const answer = this.#mode === "data" ? await this.#message() : this.#line();
      if (!answer) return { text };
      text += answer.text;
      if (answer.ending) return { text, ending: answer.ending };
    }
  }

  #line(): Answer | undefined {
    const end = this.#rest.indexOf(CRLF);
    const bare = this.#rest.indexOf(0x0a);
    if (bare !== -1 && (end === -1 || bare < end))
      return refuse("500 5.5.2 lines end with CR LF", "close");
    if (end === -1)
      return this.#rest.length > COMMAND_LIMIT
        ? refuse("500 5.5.2 line too long", "close")
        : undefined;
    const line = this.#rest.toString("utf8", 0, end);
    this.#rest = this.#rest.subarray(end + 2);
    if (end > COMMAND_LIMIT) return refuse("500 5.5.2 line too long");
    return this.#mode === "command" ? this.#command(line) : this.#login(line);
  }

  #command(line: string): Answer {
    const verb = line.slice(0, 4).toUpperCase();
    const known = COMMANDS[verb];
    if (!known) return refuse("500 5.5.1 unknown command");
    return known(this.#commands, line);
  }

  readonly #commands: Commands = {
    hello: (line) => this.#hello(line),
    auth: (line) => this.#auth(line),
    mail: (line) => this.#mail(line),
    rcpt: (line) => this.#rcpt(line),
    data: () => this.#data(),
    rset: () => this.#reset(),
  };

  #hello(line: string): Answer {
    const extended = /^EHLO /i.test(line);
    if (!/^(EHLO|HELO) [^\s]+$/i.test(line)) return refuse("501 5.5.4 say EHLO and your name");
    this.#clear();
    this.#state.helo = true;
    if (!extended) return { text: `250 ${this.#host.name}\r\n` };
    const offers = [
      "PIPELINING",
      `SIZE ${SIZE_LIMIT}`,
      "8BITMIME",
      "SMTPUTF8",
      "AUTH PLAIN LOGIN",
      "ENHANCEDSTATUSCODES",
    ];
    const lines = [this.#host.name, ...offers].map(
      (offer, n) => `250${n === offers.length ? " " : "-"}${offer}\r\n`,
    );
    return { text: lines.join("") };
  }

  #auth(line: string): Answer {
    if (!this.#state.helo || this.#state.signedIn) return refuse("503 5.5.1 not now");
    const plain = /^AUTH PLAIN (\S+)$/i.exec(line)?.[1];
    if (plain !== undefined) {
      const [, user, password] = Buffer.from(plain, "base64").toString().split("\u0000");
      return this.#signIn(user, password);
    }
    if (!/^AUTH LOGIN$/i.test(line)) return refuse("504 5.5.4 PLAIN or LOGIN");
    this.#mode = "login-user";
    return { text: `334 ${Buffer.from("Username:").toString("base64")}\r\n` };
  }

  #login(line: string): Answer {
    const said = Buffer.from(line, "base64").toString();
    if (this.#mode === "login-user") {
      this.#loginUser = said;
      this.#mode = "login-password";
      return { text: `334 ${Buffer.from("Password:").toString("base64")}\r\n` };
    }
    this.#mode = "command";
    return this.#signIn(this.#loginUser, said);
  }

  #signIn(user: string | undefined, password: string | undefined): Answer {
    if (user !== this.#host.user || password !== this.#host.password)
      return refuse("535 5.7.8 wrong name or password");
    this.#state.signedIn = true;
    return { text: "235 2.7.0 welcome\r\n" };
  }

  #mail(line: string): Answer {
    const state = this.#state;
    if (!state.helo || state.from !== undefined) return refuse("503 5.5.1 not now");
    if (!state.signedIn && !this.#host.open) return refuse("530 5.7.0 sign in first");
    const parsed = /^MAIL FROM:<([^<>\s]*)>((?: [^\s]+)*)$/i.exec(line);
    if (!parsed) return refuse("501 5.5.4 MAIL FROM:<address>");
    for (const parameter of (parsed[2] ?? "").split(" ").filter(Boolean)) {
      const refused = this.#mailParameter(parameter.toUpperCase());
      if (refused) return refused;
    }
    state.from = parsed[1] ?? "";
    return { text: "250 2.1.0 go on\r\n" };
  }

  #mailParameter(parameter: string): Answer | undefined {
    if (parameter === "SMTPUTF8") this.#state.utf8 = true;
    else if (parameter === "BODY=8BITMIME") this.#state.eightBit = true;
    else if (/^SIZE=\d+$/.test(parameter)) {
      if (Number(parameter.slice(5)) > SIZE_LIMIT) return refuse("552 5.3.4 too large");
    } else if (parameter !== "BODY=7BIT") return refuse("555 5.5.4 unknown parameter");
    return undefined;
  }

  #rcpt(line: string): Answer {
    const state = this.#state;
    if (state.from === undefined) return refuse("503 5.5.1 MAIL first");
    const address = /^RCPT TO:<([^<>\s]+@[^<>\s]+)>$/i.exec(line)?.[1];
    if (address === undefined) return refuse("501 5.1.3 RCPT TO:<address>");
    if (!state.utf8 && !isAscii(address)) return refuse("553 5.6.7 SMTPUTF8 was not asked for");
    if (state.to.length >= RECIPIENT_LIMIT) return refuse("452 4.5.3 too many recipients");
    const refused = this.#host.recipient(address);
    if (refused !== undefined) return refuse(refused);
    state.to.push(address);
    return { text: "250 2.1.5 go on\r\n" };
  }

  #data(): Answer {
    if (this.#state.to.length === 0)
      return refuse(
        this.#state.from === undefined ? "503 5.5.1 MAIL first" : "554 5.5.1 nobody to write to",
      );
    this.#mode = "data";
    return { text: "354 end with .\r\n" };
  }

  async #message(): Promise<Answer | undefined> {
    // The dot's line break may be the last of the header 354 itself, so a message of nothing starts with ".\r\n".
    const empty = this.#rest.subarray(0, 3).equals(END.subarray(2));
    const end = empty ? 0 : this.#rest.indexOf(END);
    if (end === -1)
      return this.#rest.length > SIZE_LIMIT ? refuse("552 5.3.4 too large", "close") : undefined;
    const raw = this.#rest.subarray(0, empty ? 0 : end + 2);
    this.#rest = this.#rest.subarray(empty ? 3 : end + END.length);
    this.#mode = "command";
    const wrong = problemOf(raw, this.#state);
    const envelope = { from: this.#state.from ?? "", to: this.#state.to };
    this.#clear();
    if (wrong !== undefined) return refuse(wrong);
    const taken = await this.#host.take(envelope, unstuff(raw));
    return taken === undefined
      ? { text: "", ending: "cut" }
      : { text: `250 2.0.0 kept as ${taken}\r\n` };
  }

  #reset(): Answer {
    this.#clear();
    return { text: "250 2.0.0 forgotten\r\n" };
  }

  #clear(): void {
    Object.assign(this.#state, { from: undefined, eightBit: false, utf8: false, to: [] });
  }
}

type Commands = Record<
  "hello" | "auth" | "mail" | "rcpt" | "data" | "rset",
  (line: string) => Answer
>;

const COMMANDS: Readonly<Record<string, (commands: Commands, line: string) => Answer>> = {
  EHLO: (commands, line) => commands.hello(line),
  HELO: (commands, line) => commands.hello(line),
  AUTH: (commands, line) => commands.auth(line),
  MAIL: (commands, line) => commands.mail(line),
  RCPT: (commands, line) => commands.rcpt(line),
  DATA: (commands, line) =>
    /^DATA$/i.test(line) ? commands.data(line) : refuse("501 5.5.4 DATA alone"),
  RSET: (commands, line) => commands.rset(line),
  NOOP: () => ({ text: "250 2.0.0 yes\r\n" }),
  VRFY: () => ({ text: "252 2.1.5 write and see\r\n" }),
  QUIT: () => ({ text: "221 2.0.0 bye\r\n", ending: "close" }),
};

function refuse(reply: string, ending?: "close"): Answer {
  return { text: `${reply}\r\n`, ...(ending ? { ending } : {}) };
}

const NON_ASCII = /[^\u0000-\u007f]/; // oxlint-disable-line no-control-regex -- the line between 7 and 8 bits is the point
const isAscii = (text: string): boolean => !NON_ASCII.test(text);

/** What RFC 5322 and large providers refuse a message for. */
function problemOf(raw: Buffer, state: State): string | undefined {
  const headerEnd = raw.indexOf("\r\n\r\n");
  if (headerEnd === -1) return "550 5.6.0 no header";
  const header = raw.toString("latin1", 0, headerEnd + 2);
  for (const name of ["From", "Date", "Message-ID"]) {
    const found = header.match(new RegExp(`^${name}:`, "gim"))?.length ?? 0;
    if (found !== 1) return `550 5.6.0 ${found} ${name} headers`;
  }
  if (!state.utf8 && /[\u0080-\u00ff]/.test(header)) return "550 5.6.7 header is not ASCII";
  return problemOfLines(raw, state.eightBit);
}

function problemOfLines(raw: Buffer, eightBit: boolean): string | undefined {
  for (let from = 0; from < raw.length;) {
    const end = raw.indexOf(0x0a, from);
    if (end === -1) break;
    if (raw[end - 1] !== 0x0d) return "550 5.6.0 bare line feed";
    if (end - from > 999) return "550 5.6.0 line longer than 998";
    from = end + 1;
  }
  return !eightBit && !isAscii(raw.toString("latin1"))
    ? "554 5.6.1 BODY=8BITMIME was not asked for"
    : undefined;
}

// RFC 5321 4.5.2
function unstuff(raw: Buffer): Buffer {
  if (!raw.includes("\r\n..") && raw[0] !== 0x2e) return raw;
  return Buffer.from(raw.toString("latin1").replace(/(^|\r\n)\./g, "$1"), "latin1");
}
