import { MoneyError, parseAmount } from '@quittance/money/money';

/** Limits by currency, from `USD:500.00`. @throws MoneyError for what is no amount of a currency */
export function approvalLimits(list: readonly string[]): ReadonlyMap<string, bigint> {
  return new Map(
    list.map((text) => {
      const [currency = '', amount = ''] = text.split(':');
      return [currency, parseAmount(amount, currency).minor];
    }),
  );
}

export function isApprovalLimits(list: unknown): boolean {
  if (!Array.isArray(list)) return false;
  try {
    return approvalLimits(list as string[]).size === list.length;
  } catch (error) {
    if (error instanceof MoneyError) return false;
    throw error;
  }
}
