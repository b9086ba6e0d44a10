import { newId } from '@quittance/service-kit/id';
import type { BankStatement } from '../domain/bank-statement.ts';
import { isReleasable } from '../domain/deposit.ts';
import type { Placement } from '../domain/line-placement.ts';
import type { BankAccount } from './bank-account.repository.ts';
import type { NewLine } from './bank-line.repository.ts';

interface Belonging {
  readonly account: BankAccount;
  readonly statementId: string;
  readonly keys: readonly Buffer[];
  readonly isHeld: boolean;
}

/** The rows of a statement's new lines, with the parts of those that are batches, in its order. */
export function newLines(
  { lines, kind }: BankStatement,
  placements: readonly Placement[],
  { account, statementId, keys, isHeld }: Belonging,
): NewLine[] {
  const ids = new Map(placements.flatMap((each) => ('sameAs' in each ? [] : [[each.index, newId()] as const])));
  const occurrences = new Map(placements.map((each) => [each.index, 'sameAs' in each ? 0 : each.occurrence]));
  const wholes = new Set(lines.flatMap(({ parent }) => parent ?? []));
  return lines.flatMap(({ parent, ...line }, index) => {
    const id = parent === null ? ids.get(index) : ids.has(parent) ? newId() : undefined;
    if (id === undefined) return [];
    const whole = parent === null ? null : lines[parent]!;
    return [
      {
        ...line,
        ...{ tenantId: account.tenantId, id, accountId: account.id, statementId, position: index },
        ...{ parentId: parent === null ? null : ids.get(parent)!, hasParts: wholes.has(index) },
        ...{ key: keys[index]!, occurrence: occurrences.get(index) ?? 0 },
        isReleased: !isHeld && isReleasable(whole ?? { ...line, parent }, kind) && line.amount !== 0n,
      },
    ];
  });
}
