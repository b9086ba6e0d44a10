import { randomUUID } from 'node:crypto';
import type { Api } from '@quittance/testing/api';
import { eventually } from '@quittance/testing/eventually';

interface Taken {
  fileId: string;
  remittances: { id: string }[];
  statements: { id: string; accountId: string }[];
  batches: { id: string }[];
  returns: { id: string; paymentLocator: string | null }[];
}

/** Hands a file of a processor or a bank in. */
export async function handIn(api: Api, content: string, path = '/bank-statements'): Promise<Taken> {
  const headers = { 'content-type': 'application/octet-stream', 'idempotency-key': randomUUID() };
  return (await api.send<Taken>('POST', path, { body: content, headers })).body;
}

/** A statement in MT940 of what came in, which adds up only if that is 25.00. */
export function statement({
  account,
  currency,
  lines,
}: {
  account: string;
  currency: string;
  lines: string[];
}): string {
  const opening = [':20:S', `:25:${account}`, ':28C:1/1', `:60F:C260101${currency}0,`];
  return [...opening, ...lines, `:62F:C260102${currency}34,`, '-', ''].join('\r\n');
}

/** An 835 that pays one claim, without the envelope of an interchange. */
export function remittance(trace: string): string {
  const body = [
    'ST*835*0001',
    'BPR*I*395*C*ACH************20260105',
    `TRN*1*${trace}*1512345678`,
    'N1*PR*SYNTHETIC HEALTH PLAN*XV*87726',
    'N1*PE*SYNTHETIC CLINIC*XX*1234567893',
    'LX*1',
    'CLP*ACC-1*1*400*395*5*12*ICN-1',
    'CAS*PR*1*5',
    'NM1*QC*1*DOE*JANE****MI*M1',
  ];
  return `${[...body, `SE*${body.length + 1}*0001`].join('~')}~`;
}

const line = (cells: readonly (string | number)[]) => cells.join(',');

/** A processor's report of a payout with one charge in it. */
export function payoutReport({
  payout,
  charge,
  currency,
}: {
  payout: string;
  charge: string;
  currency: string;
}): string {
  const names = ['balance_transaction_id', 'reporting_category', 'gross', 'fee', 'net', 'currency', 'source_id'];
  return [
    line([...names, 'automatic_payout_id', 'automatic_payout_effective_at']),
    line([`txn_${charge}`, 'charge', 10, 1, 9, currency, charge, payout, '2026-01-05']),
    line([`txn_${payout}`, 'payout', -9, 0, -9, currency, payout, '', '2026-01-05']),
  ].join('\n');
}

const field = (text: string, length: number) => text.padEnd(length).slice(0, length);

/** One entry that came back with R01, without header and control: found by our own number on it. */
export function returnedEntry({ displayId, cents }: { displayId: string; cents: number }): string {
  const number = displayId.replace(/^P-/, '').replaceAll('-', '');
  const entry = `626091000019${field('1', 17)}${String(cents).padStart(10, '0')}${field(number, 15)}${field('', 24)}1`;
  const addendum = `799R01${field('091000010000001', 15)}${field('', 6)}09100001${field('', 44)}`;
  return [`${entry}091000010000002`, `${addendum}091000010000002`].join('\n');
}

/** The payment of a provider as reconciliation knows it; it hears of it a moment later. */
export function trailOf(api: Api, locator: string) {
  return eventually(async () => {
    const { status, body } = await api.get<{ payment: { displayId: string } }>(`/payments/${locator}/trail`);
    return status === 200 ? body : undefined;
  });
}
