import { formatAmount, parseAmount } from '@quittance/money/money';
import { plannedTransactions } from '../domain/plan.ts';
import type { Anchor, AmountByCurrency, Cadence, DownPayment, Plan, PlanSettings, Weekday } from '../domain/plan.ts';
import type { OffsetUnit, PlannedTransaction } from '../domain/plan.ts';

/** An amount as it is written. */
export interface AmountConfig {
  currency: string;
  amount: string | number;
}

export interface CadenceConfig {
  type: Cadence['type'];
  weeks?: number;
  unit?: OffsetUnit;
  offsets?: number[];
}

export interface AnchorConfig {
  mode: Anchor['mode'];
  day?: number;
  weekday?: Weekday;
  days?: number[];
}

export interface DownPaymentConfig {
  type: DownPayment['type'];
  percent?: string | number;
  amounts?: AmountConfig[];
  periods?: number;
  includesFees?: boolean;
}

/** Where something is null there is none; where it is absent it is as by default, or in an override as in the plan. */
export interface SettingsConfig {
  count?: number | null;
  weights?: number[];
  downPayment?: DownPaymentConfig | null;
  instalmentFee?: AmountConfig[] | null;
  generateLeadDays?: number;
  dueLeadDays?: number;
  autopayLeadDays?: number;
  blackoutDaysBeforeExpiry?: number;
}

type AsInPlan = 'amountBasis' | 'remainderPolicy' | 'endorsementPolicy' | 'returnPolicy';

/** A plan as a client writes it and as it is stored: amounts are decimals with their currency beside them. */
export interface PlanConfig extends SettingsConfig, Pick<Plan, 'label'>, Partial<Pick<Plan, AsInPlan>> {
  cadence: CadenceConfig;
  anchor?: AnchorConfig;
  prorateStubs?: boolean;
  minInstalment?: AmountConfig[] | null;
  overrides?: { [T in PlannedTransaction]?: SettingsConfig };
  jurisdictions?: string[];
  termMonthsMax?: number | null;
  exemptCreditOnly?: boolean;
}

/** What is said of a plan, to be laid over the defaults. Its shape was checked where it came in. */
export function readConfig(config: PlanConfig): Pick<Plan, 'label' | 'cadence'> & Partial<Plan> {
  const { label, amountBasis, prorateStubs, remainderPolicy, endorsementPolicy, returnPolicy } = config;
  const { anchor, minInstalment, overrides, jurisdictions, termMonthsMax, exemptCreditOnly } = config;
  const plain = { amountBasis, prorateStubs, remainderPolicy, endorsementPolicy, returnPolicy };
  return {
    ...{ label, cadence: cadenceOf(config.cadence) },
    ...settingsOf(config),
    ...given({ ...plain, jurisdictions, termMonthsMax, exemptCreditOnly }),
    ...given({ anchor: anchor && anchorOf(anchor), minInstalment: minInstalment && amountsOf(minInstalment) }),
    ...given({ overrides: overrides && overridesOf(overrides) }),
  };
}

function settingsOf(config: SettingsConfig): Partial<PlanSettings> {
  const { count, weights, downPayment, instalmentFee, blackoutDaysBeforeExpiry } = config;
  const { generateLeadDays, dueLeadDays, autopayLeadDays } = config;
  return {
    ...given({ weights, generateLeadDays, dueLeadDays, autopayLeadDays, blackoutDaysBeforeExpiry }),
    ...(count !== undefined && { count }),
    ...(downPayment !== undefined && { downPayment: downPayment && downPaymentOf(downPayment) }),
    ...(instalmentFee !== undefined && { instalmentFee: instalmentFee && amountsOf(instalmentFee) }),
  };
}

function overridesOf(overrides: NonNullable<PlanConfig['overrides']>): Plan['overrides'] {
  const given = plannedTransactions.filter((transaction) => overrides[transaction]);
  return Object.fromEntries(given.map((transaction) => [transaction, settingsOf(overrides[transaction]!)]));
}

function cadenceOf({ type, weeks, unit, offsets }: CadenceConfig): Cadence {
  if (type === 'every_n_weeks') return { type, weeks: weeks! };
  if (type === 'custom') return { type, unit: unit!, offsets: offsets! };
  return { type };
}

function anchorOf({ mode, day, weekday, days }: AnchorConfig): Anchor {
  if (mode === 'day_of_month') return { mode, day: day! };
  if (mode === 'weekday') return { mode, weekday: weekday! };
  return mode === 'due_day_choice' ? { mode, days: days ?? null } : { mode };
}

function downPaymentOf({ type, percent, amounts, periods, includesFees = false }: DownPaymentConfig): DownPayment {
  if (type === 'percent') return { type, basisPoints: basisPointsOf(percent)!, includesFees };
  if (type === 'amount') return { type, amounts: amountsOf(amounts!), includesFees };
  return { type, periods: periods!, includesFees };
}

/** '16.67' is 1667; null where it is no percentage with at most two decimals. */
export function basisPointsOf(percent: unknown): number | null {
  const [, whole, decimals = ''] = /^(\d{1,3})(?:\.(\d{1,2}))?$/.exec(String(percent)) ?? [];
  return whole === undefined ? null : Number(whole) * 100 + Number(decimals.padEnd(2, '0'));
}

function amountsOf(amounts: readonly AmountConfig[]): AmountByCurrency {
  return Object.fromEntries(amounts.map(({ amount, currency }) => [currency, parseAmount(amount, currency).minor]));
}

type Given<T> = { [K in keyof T]?: NonNullable<T[K]> };

/** Only what is there: null is as good as nothing. */
function given<T extends object>(fields: T): Given<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => (value ?? null) !== null)) as Given<T>;
}

/** A plan with everything that it is. */
export function writeConfig(plan: Plan): Required<PlanConfig> {
  const { cadence, anchor, overrides, minInstalment, jurisdictions } = plan;
  const { label, amountBasis, prorateStubs, remainderPolicy, endorsementPolicy, returnPolicy } = plan;
  return {
    label,
    ...{ cadence: plainCadence(cadence), amountBasis, anchor: plainAnchor(anchor), prorateStubs, remainderPolicy },
    ...(writeSettings(plan) as Required<SettingsConfig>),
    minInstalment: minInstalment && plainAmounts(minInstalment),
    overrides: Object.fromEntries(Object.entries(overrides).map(([name, settings]) => [name, writeSettings(settings)])),
    ...{ endorsementPolicy, returnPolicy, jurisdictions: [...jurisdictions] },
    ...{ termMonthsMax: plan.termMonthsMax, exemptCreditOnly: plan.exemptCreditOnly },
  };
}

function writeSettings(settings: Partial<PlanSettings>): SettingsConfig {
  const { count, weights, downPayment, instalmentFee, blackoutDaysBeforeExpiry } = settings;
  const { generateLeadDays, dueLeadDays, autopayLeadDays } = settings;
  return {
    ...(count !== undefined && { count }),
    ...(weights && { weights: [...weights] }),
    ...(downPayment !== undefined && { downPayment: downPayment && plainDownPayment(downPayment) }),
    ...(instalmentFee !== undefined && { instalmentFee: instalmentFee && plainAmounts(instalmentFee) }),
    ...given({ generateLeadDays, dueLeadDays, autopayLeadDays, blackoutDaysBeforeExpiry }),
  };
}

function plainCadence(cadence: Cadence): CadenceConfig {
  return cadence.type === 'custom' ? { ...cadence, offsets: [...cadence.offsets] } : cadence;
}

function plainAnchor(anchor: Anchor): AnchorConfig {
  if (anchor.mode !== 'due_day_choice') return anchor;
  return { mode: anchor.mode, ...(anchor.days && { days: [...anchor.days] }) };
}

function plainDownPayment(down: DownPayment): DownPaymentConfig {
  const { type, includesFees } = down;
  if (type === 'percent') return { type, percent: formatPercent(down.basisPoints), includesFees };
  if (type === 'amount') return { type, amounts: plainAmounts(down.amounts), includesFees };
  return { type, periods: down.periods, includesFees };
}

function formatPercent(basisPoints: number): string {
  const decimals = String(basisPoints % 100).padStart(2, '0');
  return `${Math.trunc(basisPoints / 100)}.${decimals}`;
}

function plainAmounts(amounts: AmountByCurrency): { currency: string; amount: string }[] {
  return Object.entries(amounts).map(([currency, minor]) => ({ currency, amount: formatAmount({ minor, currency }) }));
}
