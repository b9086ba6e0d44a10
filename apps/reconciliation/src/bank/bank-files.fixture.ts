/** A statement as a test says it; what banks make of it in each of their formats. */
export interface SaidStatement {
  readonly account: string;
  readonly currency: string;
  readonly sequence: number;
  /** 'YYYY-MM-DD'; BAI2 has one day only. */
  readonly from: string;
  readonly to: string;
  readonly opening: bigint;
  readonly lines: readonly SaidLine[];
}

export interface SaidLine {
  readonly amount: bigint;
  readonly bookedOn: string;
  readonly reference: string;
  readonly bankReference: string;
  readonly text: string;
}

export const closingOf = ({ opening, lines }: SaidStatement) =>
  lines.reduce((sum, { amount }) => sum + amount, opening);

const abs = (minor: bigint) => (minor < 0n ? -minor : minor);
/** Of a currency with two decimals. */
const decimal = (minor: bigint, mark = '.') => {
  const digits = String(abs(minor)).padStart(3, '0');
  return `${digits.slice(0, -2)}${mark}${digits.slice(-2)}`;
};
const signed = (minor: bigint) => `${minor < 0n ? '-' : ''}${decimal(minor)}`;
const short = (day: string) => day.slice(2).replaceAll('-', '');
const compact = (day: string) => day.replaceAll('-', '');
const escaped = (text: string) => text.replace(/[&<>]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&#62;' })[c]!);
const side = (minor: bigint) => (minor < 0n ? 'DBIT' : 'CRDT');

export function asCamt(said: SaidStatement, head = '<?xml version="1.0" encoding="UTF-8"?>\n'): string {
  const { account, currency, sequence, from, to, opening, lines } = said;
  const balance = (code: string, minor: bigint, day: string) => `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp>
    <Amt Ccy="${currency}">${decimal(minor)}</Amt><CdtDbtInd>${side(minor)}</CdtDbtInd><Dt><Dt>${day}</Dt></Dt></Bal>`;
  const entries = lines.map(
    ({ amount, bookedOn, reference, bankReference, text }) => `<Ntry><Amt Ccy="${currency}">${decimal(amount)}</Amt>
      <CdtDbtInd>${side(amount)}</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>${bookedOn}</Dt></BookgDt>
      <AcctSvcrRef>${bankReference}</AcctSvcrRef><NtryDtls><TxDtls><Refs><EndToEndId>${reference}</EndToEndId></Refs>
      <RmtInf><Ustrd>${escaped(text)}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>`,
  );
  return `${head}<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
    <GrpHdr><MsgId>M${sequence}</MsgId></GrpHdr><Stmt><Id>S${sequence}</Id><ElctrncSeqNb>${sequence}</ElctrncSeqNb>
    <FrToDt><FrDtTm>${from}T00:00:00</FrDtTm><ToDtTm>${to}T23:59:59</ToDtTm></FrToDt>
    <Acct><Id><IBAN>${account}</IBAN></Id><Ccy>${currency}</Ccy></Acct>
    ${balance('OPBD', opening, from)}${balance('CLBD', closingOf(said), to)}
    ${entries.join('\n')}</Stmt></BkToCstmrStmt></Document>\n`;
}

export function asMt940(said: SaidStatement, newline = '\r\n'): string {
  const { account, currency, sequence, from, to, opening, lines } = said;
  const mark = (minor: bigint) => (minor < 0n ? 'D' : 'C');
  const balance = (tag: string, minor: bigint, day: string) =>
    `:${tag}:${mark(minor)}${short(day)}${currency}${decimal(minor, ',')}`;
  return [
    ...[':20:STATEMENT', `:25:${account}`, `:28C:${sequence}/1`, balance('60F', opening, from)],
    ...lines.flatMap(({ amount, bookedOn, reference, bankReference, text }) => [
      `:61:${short(bookedOn)}${short(bookedOn).slice(2)}${mark(amount)}${decimal(amount, ',')}NTRF` +
        `${reference}//${bankReference}`,
      `:86:${text}`,
    ]),
    ...[balance('62F', closingOf(said), to), '-', ''],
  ].join(newline);
}

export function asBai2(said: SaidStatement, newline = '\n'): string {
  const { account, currency, to, opening, lines } = said;
  const whole = (minor: bigint) => String(minor);
  const closing = closingOf(said);
  const details = lines.map(
    ({ amount, reference, bankReference, text }) =>
      `16,${amount < 0n ? '455' : '195'},${abs(amount)},Z,${bankReference},${reference},${text}/`,
  );
  const total = opening + closing + lines.reduce((sum, { amount }) => sum + abs(amount), 0n);
  return [
    ...[`01,BANK,US,${short(to)},0600,1,,,2/`, `02,US,BANK,1,${short(to)},,${currency},2/`],
    ...[`03,${account},${currency},010,${whole(opening)},,/`, `88,015,${whole(closing)},,/`, ...details],
    ...[
      `49,${total},${lines.length + 3}/`,
      `98,${total},1,${lines.length + 5}/`,
      `99,${total},1,${lines.length + 7}/`,
      '',
    ],
  ].join(newline);
}

const aggregates = 'OFX BANKMSGSRSV1 STMTTRNRS STMTRS BANKACCTFROM BANKTRANLIST STMTTRN LEDGERBAL'.split(' ');

/** OFX 1.x, with no end tag that may be left out. */
export function asOfxSgml(said: SaidStatement): string {
  const body = ofxBody(said).replace(/<\/([A-Z0-9]+)>/g, (tag, name: string) => (aggregates.includes(name) ? tag : ''));
  return `OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\n\n${body}`;
}

export function asOfxXml(said: SaidStatement): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<?OFX OFXHEADER="200" VERSION="211"?>\n${ofxBody(said)}`;
}

function ofxBody(said: SaidStatement): string {
  const { account, currency, from, to, lines } = said;
  const transactions = lines.map(
    ({
      amount,
      bookedOn,
      reference,
      bankReference,
      text,
    }) => `<STMTTRN><TRNTYPE>${amount < 0n ? 'DEBIT' : 'CREDIT'}</TRNTYPE>
      <DTPOSTED>${compact(bookedOn)}120000.000[-5:EST]</DTPOSTED><TRNAMT>${signed(amount)}</TRNAMT>
      <FITID>${bankReference}</FITID><REFNUM>${reference}</REFNUM><NAME>${escaped(text)}</NAME></STMTTRN>`,
  );
  return `<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>${currency}</CURDEF>
    <BANKACCTFROM><BANKID>1</BANKID><ACCTID>${account}</ACCTID></BANKACCTFROM>
    <BANKTRANLIST><DTSTART>${compact(from)}</DTSTART><DTEND>${compact(to)}</DTEND>
    ${transactions.join('\n')}</BANKTRANLIST>
    <LEDGERBAL><BALAMT>${signed(closingOf(said))}</BALAMT><DTASOF>${compact(to)}</DTASOF></LEDGERBAL>
    </STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>\n`.replaceAll('&#62;', '&gt;');
}
