import { test } from "node:test";
import assert from "node:assert/strict";
import { claimsOf, readLines } from "../../../test/support/read-lines.ts";
import { FORMATS } from "../formats.ts";
import { lineRecords } from "../reading/line-records.ts";
import { windowsXml } from "./windows-xml.ts";

const SYSMON = `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Microsoft-Windows-Sysmon' Guid='{5770385f}'/><EventID>1</EventID><Version>5</Version><Level>4</Level><TimeCreated SystemTime='2026-11-25T04:05:06.123456700Z'/><EventRecordID>17</EventRecordID><Execution ProcessID='4' ThreadID='5'/><Channel>Microsoft-Windows-Sysmon/Operational</Channel><Computer>pc-1.example</Computer><Security UserID='S-1-5-18'/></System><EventData><Data Name='Image'>C:\\Windows\\cmd.exe</Data><Data Name='CommandLine'>cmd /c &quot;a &amp; b&quot; &lt;x&gt;</Data><Data Name='User'>EXAMPLE\\ann</Data><Data Name='ProcessId'>4711</Data><Data Name='Company'/></EventData></Event>`;

const FAILED = `<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event">
  <System>
    <Provider Name="Microsoft-Windows-Security-Auditing" Guid="{54849625}"/>
    <EventID Qualifiers="">4625</EventID>
    <TimeCreated SystemTime="2026-11-25T04:05:06.0Z"/>
    <Channel>Security</Channel>
    <Computer>dc-1</Computer>
  </System>
  <EventData>
    <Data Name="TargetUserName">ann</Data>
    <Data Name="IpAddress">::ffff:192.0.2.7</Data>
    <Data Name="IpPort">50123</Data>
  </EventData>
</Event>`;

const CLASSIC = `<Event><System><Provider Name="PowerShell"/><EventID>400</EventID><TimeCreated SystemTime="2026-11-25T04:05:06Z"/><Channel>Windows PowerShell</Channel></System><EventData><Data>Available</Data><Data>HostName=ConsoleHost</Data></EventData></Event>`;
const USER_DATA = `<Event><System><EventID>1102</EventID><TimeCreated SystemTime="2026-11-25T04:05:06Z"/><Channel>Security</Channel></System><UserData><LogFileCleared xmlns="x"><SubjectUserName>bob</SubjectUserName></LogFileCleared></UserData></Event>`;

test("an event says who, where and what, and every field of it can be asked for", async () => {
  const [sysmon, failed, classic, user, cut] = await readLines({
    format: windowsXml,
    lines: [SYSMON, FAILED, CLASSIC, USER_DATA, SYSMON.slice(0, -10)],
  });
  assert.ok(sysmon && failed && classic && user && cut);
  assert.deepEqual(
    [
      sysmon.time,
      sysmon.service,
      sysmon.category,
      sysmon.process_cmd_line,
      sysmon.device_hostname,
      sysmon.process_pid,
    ],
    [
      "2026-11-25T04:05:06.123456Z",
      "sysmon",
      "process_creation",
      'cmd /c "a & b" <x>',
      "pc-1.example",
      4711,
    ],
  );
  assert.deepEqual(
    ["EventID", "Provider_Name", "Image", "User", "Level", "Company", "Security_UserID"].map(
      (name) => sysmon.fields[name],
    ),
    [
      "1",
      "Microsoft-Windows-Sysmon",
      "C:\\Windows\\cmd.exe",
      "EXAMPLE\\ann",
      "4",
      undefined,
      "S-1-5-18",
    ],
  );
  assert.deepEqual(
    [
      failed.class_uid,
      failed.status_id,
      failed.user_name,
      failed.src_endpoint_ip,
      failed.src_endpoint_port,
      failed.service,
    ],
    [3002, 2, "ann", "192.0.2.7", 50123, "security"],
  );
  assert.deepEqual(
    [classic.category, classic.fields["Data"]],
    ["ps_classic_start", "Available\nHostName=ConsoleHost"],
  );
  assert.equal(user.fields["SubjectUserName"], "bob");
  assert.deepEqual([sysmon.broken, cut.broken], ["", "no whole <Event>"]);
});

test("events over several lines are one record each, indented or not, and nothing else claims them", async () => {
  const flat = FAILED.replaceAll(/^ +/gm, "");
  const text = Buffer.from([SYSMON, FAILED, flat, CLASSIC].join("\n"));
  const records: string[] = [];
  const { records: how } = windowsXml;
  const cutter = lineRecords(
    (_place, { bytes, from, to }) => records.push(bytes.toString("utf8", from, to)),
    how.by === "line" ? how.continues : undefined,
  );
  cutter.push(text);
  cutter.end();
  assert.deepEqual(records, [SYSMON, FAILED, flat, CLASSIC]);
  for (const claimed of await claimsOf(FORMATS, records)) assert.equal(claimed[0], "windows-xml");
});
