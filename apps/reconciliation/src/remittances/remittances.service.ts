import { Injectable } from '@nestjs/common';
import { formatAmount } from '@quittance/money/money';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import type { Finding } from '../domain/exception.ts';
import type { NewItem } from '../domain/item.ts';
import { noSums, REVERSAL, withAdjustments, withClaim } from '../domain/remittance-rules.ts';
import type { RemittanceSums } from '../domain/remittance-rules.ts';
import { ExceptionRepository } from '../exceptions/exception.repository.ts';
import type { ExceptionRow } from '../exceptions/exception.repository.ts';
import type { IncomingFile } from '../files/format-reader.ts';
import { ItemRepository } from '../matching/item.repository.ts';
import type { Claim, Fault } from '../x12/remittance.ts';
import type { RemittanceEnd, RemittanceHead, RemittancePart } from '../x12/remittance-reader.ts';
import { contentHash } from './content-hash.ts';
import { Patients } from './patients.ts';
import { RemittanceClaimRepository } from './remittance-claim.repository.ts';
import { claimFinding, conflictOf, faultFindings, problemOf } from './remittance-findings.ts';
import { itemOfClaim, itemOfRemittance } from './remittance-items.ts';
import { remittanceEvent } from './remittance-row.ts';
import type { StoredRemittance } from './remittance-row.ts';
import { RemittanceRepository } from './remittance.repository.ts';
import type { NewRemittance } from './remittance.repository.ts';
import { verdictsOf } from './verdict.ts';
import type { Verdict } from './verdict.ts';

/** Nobody reads beyond these, and a broken file may have as many as it has segments. */
const FAULTS_KEPT = 100;

export interface TakenRemittance {
  readonly remittance: StoredRemittance;
  readonly isDuplicate: boolean;
}

/** A set while its parts come in. */
interface OpenSet {
  readonly stored: NewRemittance;
  readonly verdict: Verdict;
  sums: RemittanceSums;
  claims: number;
  readonly faults: Fault[];
  readonly findings: Finding[];
  readonly items: NewItem[];
}

/**
 * Takes in what a file's 835s say, each in portions of its claims: lenient in reading, strict in posting. What does not
 * add up is stored and held; what was told before is not stored again.
 */
@Injectable()
export class RemittancesService {
  constructor(
    private readonly remittances: RemittanceRepository,
    private readonly claims: RemittanceClaimRepository,
    private readonly patients: Patients,
    private readonly items: ItemRepository,
    private readonly exceptions: ExceptionRepository,
    private readonly outbox: Outbox,
  ) {}

  /** Reads the file twice: a set of any number of claims is in memory a portion at a time. */
  async store(tx: Tx, file: IncomingFile, read: () => Iterable<RemittancePart>) {
    const taken: TakenRemittance[] = [];
    const exceptions: ExceptionRow[] = [];
    const verdicts = verdictsOf(read());
    let open: OpenSet | TakenRemittance | null = null;
    for (const part of read()) {
      if (part.kind === 'head') open = await this.begin(tx, file, part.head, verdicts[taken.length]!);
      else if (open && 'isDuplicate' in open) {
        if (part.kind === 'end') taken.push(open);
      } else if (open && part.kind === 'claims') {
        open.faults.push(...part.faults);
        await this.storeClaims(tx, open, part.claims);
      } else if (open && part.kind === 'end') {
        open.faults.push(...part.end.faults);
        const { remittance, found } = await this.finish(tx, open, part.end);
        taken.push({ remittance, isDuplicate: false });
        exceptions.push(...found);
      }
    }
    return { taken, exceptions };
  }

  private async begin(tx: Tx, file: IncomingFile, head: RemittanceHead, verdict: Verdict) {
    const stored = newRemittance(file, head, contentHash(file.bytes, head.offset, verdict.length));
    if (await this.remittances.insert(tx, stored)) return openSet(stored, verdict, []);
    const first = await this.remittances.same(tx, stored);
    if (!first) throw new Error('a remittance that was there before is gone');
    if (first.content.equals(stored.content)) {
      const remittance = await this.remittances.find(tx, { tenantId: file.tenantId, id: first.id });
      return { remittance: remittance!, isDuplicate: true };
    }
    const other = { ...stored, conflictsWith: first.id };
    await this.remittances.insert(tx, other);
    return openSet(other, verdict, [conflictOf(other, first.id)]);
  }

  private async storeClaims(tx: Tx, open: OpenSet, claims: readonly Claim[]): Promise<void> {
    const { tenantId, id: remittanceId } = open.stored;
    const reversals = claims.filter(({ status }) => status === REVERSAL);
    const [seal, originals] = [
      await this.patients.sealer(tx, tenantId),
      await this.claims.originals(tx, tenantId, reversals),
    ];
    const keyed = claims.map((claim) => {
      const id = newId();
      return { id, claim, ...seal(id, claim), reversalOf: originals.get(claim.index) ?? null };
    });
    await this.claims.add(tx, { tenantId, remittanceId }, keyed);
    for (const { id, claim, reversalOf } of keyed) {
      const problem = problemOf(claim, reversalOf);
      const isSound = claim.balanced && problem === null && !open.verdict.blockedClaims.has(claim.index);
      open.sums = withClaim(open.sums, claim, isSound);
      if (problem) open.findings.push(claimFinding(open.stored, id, claim, problem));
      open.items.push(...itemOfClaim(open.stored, id, claim));
    }
    open.claims += claims.length;
  }

  private async finish(tx: Tx, open: OpenSet, end: RemittanceEnd) {
    const { stored, findings, items } = open;
    await this.remittances.addAdjustments(tx, stored, end.providerAdjustments);
    const faults = open.faults.slice(0, FAULTS_KEPT);
    const isSound = open.verdict.isBalanced && stored.conflictsWith === null;
    const remittance: StoredRemittance = {
      ...{ ...stored, claims: open.claims, isBalanced: open.verdict.isBalanced, faults, stateReason: null, version: 1 },
      ...{ sums: withAdjustments(open.sums, end.providerAdjustments), state: isSound ? 'received' : 'held' },
    };
    await this.remittances.finish(tx, remittance);
    findings.push(...faultFindings(remittance, open.faults));
    if (isSound) await this.items.add(tx, [...itemOfRemittance(remittance), ...items]);
    const found = await this.exceptions.open(tx, findings, stored.createdAt);
    const type = isSound ? 'remittance.received' : 'remittance.held';
    await this.outbox.append(tx, [remittanceEvent(type, remittance, stored.createdAt)]);
    return { remittance, found };
  }
}

const openSet = (stored: NewRemittance, verdict: Verdict, findings: Finding[]): OpenSet => {
  return { stored, verdict, sums: noSums, claims: 0, faults: [], findings, items: [] };
};

function newRemittance({ tenantId, id: fileId, receivedAt }: IncomingFile, head: RemittanceHead, content: Buffer) {
  const { payer, payee, amount: minor, currency, handling, method, producedOn, traceNumber, originator } = head;
  return {
    ...{ tenantId, id: newId(), fileId, setIndex: head.index, handling, method, producedOn, traceNumber, originator },
    ...{ payer: { name: payer.name, id: payer.id }, payee: { name: payee.name, id: payee.id ?? payee.taxId ?? '' } },
    ...{ amount: { minor, currency }, paidOn: head.paidOn ?? receivedAt.toISOString().slice(0, 10) },
    ...{ content, conflictsWith: null as string | null, createdAt: receivedAt },
  };
}

export const moneyText = ({ amount }: StoredRemittance): string => formatAmount(amount);
