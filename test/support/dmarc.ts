export type AggregateFields = {
  readonly domain?: string;
  readonly reportId?: string;
  readonly reporter?: string;
  /** Seconds since 1970. */
  readonly begin?: number;
  readonly records: readonly RecordFields[];
};

export type RecordFields = {
  readonly source: string;
  readonly count: number;
  readonly dkim?: "pass" | "fail";
  readonly spf?: "pass" | "fail";
  /** Who signed; the domain itself by default. */
  readonly signer?: string;
  readonly selector?: string;
  readonly envelope?: string;
  readonly from?: string;
};

/** An aggregate report as RFC 7489 has it, in our own words. `dkim` and `spf` are what passed and was aligned. */
export function aggregateXml({
  domain = "example.cloud",
  reportId = "1",
  reporter = "Far Mail",
  begin = 1_767_225_600,
  records,
}: AggregateFields): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<feedback><version>1.0</version>
<report_metadata><org_name>${reporter}</org_name><email>dmarc@far.example</email><report_id>${reportId}</report_id>
<date_range><begin>${begin}</begin><end>${begin + 86_399}</end></date_range></report_metadata>
<policy_published><domain>${domain}</domain><adkim>r</adkim><aspf>r</aspf><p>reject</p><pct>100</pct></policy_published>
${records.map((one) => recordXml(domain, one)).join("\n")}
</feedback>
`;
}

function recordXml(domain: string, one: RecordFields): string {
  const { source, count, dkim = "fail", spf = "fail", signer = domain, selector = "s1" } = one;
  const { envelope = domain, from = domain } = one;
  return `<record><row><source_ip>${source}</source_ip><count>${count}</count><policy_evaluated><disposition>none</disposition>
<dkim>${signer === domain ? dkim : "fail"}</dkim><spf>${envelope === domain ? spf : "fail"}</spf></policy_evaluated></row>
<identifiers><header_from>${from}</header_from><envelope_from>${envelope}</envelope_from></identifiers>
<auth_results><dkim><domain>${signer}</domain><selector>${selector}</selector><result>${dkim}</result></dkim>
<spf><domain>${envelope}</domain><scope>mfrom</scope><result>${spf}</result></spf></auth_results></record>`;
}
