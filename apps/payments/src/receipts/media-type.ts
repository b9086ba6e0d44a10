export const receiptTypes = ['application/json', 'text/html', 'application/pdf'] as const;
export type ReceiptType = (typeof receiptTypes)[number];

/** The form that an `Accept` header likes best; JSON where it takes anything, or nothing that there is. */
export function preferredType(accept = '*/*'): ReceiptType {
  const ranges = accept
    .split(',')
    .map((part) => {
      const [range = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
      const weight = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1);
      return { range, weight };
    })
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight);
  for (const { range } of ranges) {
    const found = receiptTypes.find((type) => [type, `${type.split('/')[0]}/*`, '*/*'].includes(range));
    if (found) return found;
  }
  return 'application/json';
}
