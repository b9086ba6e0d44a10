import type { Api } from '@quittance/testing/api';
import { handIn, payoutReport, remittance, returnedEntry, statement, trailOf } from './bank-files.ts';
import { finder } from './finder.ts';
import type { Found } from './finder.ts';

interface Books {
  readonly tag: string;
  readonly currency: string;
  /** A payment that a bank sends back. */
  readonly returned: string;
}

/** One of everything that files bring, and what is made of them. */
export async function reconcile(api: Api, { tag, currency, returned }: Books) {
  const { batches } = await handIn(api, payoutReport({ payout: tag, charge: `ch_${tag}`, currency }));
  const { displayId } = (await trailOf(api, returned)).payment;
  await handIn(api, returnedEntry({ displayId, cents: 1_000 }));
  return {
    exports: (await api.post<{ id: string }>('/exports', { format: 'csv' })).body.id,
    'settlement-batches': batches[0]!.id,
    remittances: (await handIn(api, remittance(tag), '/remittances')).remittances[0]!.id,
    claims: await charge(api, currency),
    'journal-entries': await finder(api)('/journal-entries', 'items', () => true),
    ...(await bank(api, currency)),
  };
}

/** A claim of a provider. */
async function charge(api: Api, currency: string): Promise<string> {
  const claim = { number: 'C-1', patientAccount: 'ACC-1', charge: '400.00', currency, servedOn: '2026-01-02' };
  return (await api.post<{ items: { id: string }[] }>('/claims', { claims: [claim] })).body.items[0]!.id;
}

/** A file with a statement of a bank that does not add up, and one by which money came in. */
async function bank(api: Api, currency: string) {
  const wrong = await handIn(api, statement({ account: '0815', currency, lines: [] }));
  const { body } = await api.get<{ items: Found[] }>('/exceptions?type=statement_unbalanced');
  const [exception] = body.items;
  const lines = [':61:2601020102C25,NTRFNONREF//B1', ':86:TRANSFER', ':61:2601050105C9,NTRFNONREF//B2', ':86:NINE'];
  const right = (await handIn(api, statement({ account: '4711', currency, lines }))).statements[0];
  return {
    ...{ files: wrong.fileId, exceptions: exception!['id'], misread: exception!['subject'].id },
    ...{ 'bank-statements': right!.id, bankAccount: right!.accountId },
    deposits: await finder(api)('/deposits', 'items', () => true),
    ...(await match(api)),
  };
}

/** A payout that might be one line of the bank, and one that somebody wants to be another's. */
async function match(api: Api) {
  const first = finder(api);
  const set = 'settlement_batch_deposit';
  const open = async (side: 'A' | 'B', amount: string) =>
    first(`/recon-items?set=${set}&side=${side}`, 'items', (item) => item['amount'] === amount);
  const suggestions = await first(`/suggestions?set=${set}`, 'items', () => true);
  const items = [await open('A', '9.00'), await open('B', '25.00')];
  const { body } = await api.post<{ id: string }>('/matches', { items, differenceReason: 'fee' });
  const run = await api.post<{ id: string }>('/recon-runs', { set, dryRun: true });
  return { suggestions, matches: body.id, 'recon-runs': run.body.id };
}
