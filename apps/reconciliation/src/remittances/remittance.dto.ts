import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { formatAmount } from '@quittance/money/money';
import { CursorQuery } from '@quittance/service-kit/http/page';
import { IsIn, IsOptional, IsString, Length } from 'class-validator';
import { IsDay } from '../bank/bank-statement.dto.ts';
import type { AdjustmentView, ClaimView, LineView, StoredAdjustment } from './remittance-views.ts';
import { remittanceStates } from './remittance-row.ts';
import type { RemittanceState, StoredRemittance } from './remittance-row.ts';

export class RemittancesQuery extends CursorQuery {
  @ApiPropertyOptional({ type: String, maxLength: 50, description: 'TRN02, as it stands.' })
  @IsOptional()
  @IsString()
  @Length(1, 50)
  trn?: string;

  @ApiPropertyOptional({ enum: remittanceStates })
  @IsOptional()
  @IsIn(remittanceStates)
  state?: RemittanceState;

  @ApiPropertyOptional({ type: String, maxLength: 80, description: 'The id of the payer.' })
  @IsOptional()
  @IsString()
  @Length(1, 80)
  payer?: string;

  @ApiPropertyOptional({ type: String, format: 'date', description: 'Paid on this day or later.' })
  @IsOptional()
  @IsDay()
  from?: string;

  @ApiPropertyOptional({ type: String, format: 'date' })
  @IsOptional()
  @IsDay()
  to?: string;
}

export class ReasonDto {
  @ApiProperty({ maxLength: 500 })
  @IsString()
  @Length(1, 500)
  reason: string;
}

export class RemittancePartyDto {
  @ApiProperty({ type: String, nullable: true })
  name: string | null;
  @ApiProperty({ type: String, nullable: true })
  id: string | null;
}

export class FaultDto {
  @ApiProperty({ example: 'remit_claim_unbalanced' })
  code: string;
  @ApiProperty()
  blocking: boolean;
  @ApiPropertyOptional({ type: 'integer', description: 'Of which claim, from 0.' })
  claim?: number;
  @ApiPropertyOptional({ type: 'integer', description: 'Of which line of it, from 0.' })
  line?: number;
  @ApiProperty()
  detail: string;
}

export class RemittanceDto {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ format: 'uuid' })
  fileId: string;
  @ApiProperty({ enum: remittanceStates })
  state: RemittanceState;
  @ApiProperty({ type: String, nullable: true, description: 'Why a person moved it.' })
  stateReason: string | null;
  @ApiProperty({ example: '392.05', description: 'BPR02, negative where it is a debit.' })
  amount: string;
  @ApiProperty({ example: 'USD' })
  currency: string;
  @ApiProperty({ format: 'date' })
  paidOn: string;
  @ApiProperty({ description: 'TRN02.' })
  traceNumber: string;
  @ApiProperty({ description: 'TRN03.' })
  originator: string;
  @ApiProperty({ example: 'ACH' })
  method: string;
  @ApiProperty({ type: RemittancePartyDto })
  payer: RemittancePartyDto;
  @ApiProperty({ type: RemittancePartyDto })
  payee: RemittancePartyDto;
  @ApiProperty({ type: 'integer' })
  claims: number;
  @ApiProperty({ description: 'BPR02 is the sum of CLP04 less the sum of PLB.' })
  balanced: boolean;
  @ApiProperty({ type: [FaultDto] })
  faults: FaultDto[];
  @ApiProperty({ type: String, nullable: true, format: 'uuid', description: 'The first that told this payment.' })
  conflictsWith: string | null;

  static from(r: StoredRemittance): RemittanceDto {
    const { id, fileId, state, stateReason, amount, paidOn, traceNumber, originator, method, payer, payee, claims } = r;
    return Object.assign(new RemittanceDto(), {
      ...{ id, fileId, state, stateReason, amount: formatAmount(amount), currency: amount.currency, paidOn },
      ...{ traceNumber, originator, method, payer, payee, claims, balanced: r.isBalanced, faults: r.faults },
      conflictsWith: r.conflictsWith,
    });
  }
}

export class RemittancePageDto {
  @ApiProperty({ type: [RemittanceDto] })
  items: RemittanceDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
}

export class AdjustmentDto {
  @ApiProperty({ example: 'CO' })
  group: string;
  @ApiProperty({ example: '45' })
  reason: string;
  @ApiProperty({ example: '10.00' })
  amount: string;
  @ApiProperty({ type: String, nullable: true })
  quantity: string | null;
}

const adjustment = (currency: string) => (each: StoredAdjustment) => {
  const { group, reason, amountMinor, quantity } = each;
  return { group, reason, amount: formatAmount({ minor: BigInt(amountMinor), currency }), quantity };
};

export class RemittanceClaimDto {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ description: 'CLP01, the number that the provider gave the patient.' })
  patientAccount: string;
  @ApiProperty({ example: '1', description: 'CLP02.' })
  status: string;
  @ApiProperty({ example: '400.00' })
  charge: string;
  @ApiProperty({ example: '395.00' })
  paid: string;
  @ApiProperty({ example: '5.00' })
  patientResponsibility: string;
  @ApiProperty({ type: String, nullable: true, description: 'CLP07.' })
  payerControlNumber: string | null;
  @ApiProperty({ type: String, format: 'date', nullable: true })
  from: string | null;
  @ApiProperty({ type: String, format: 'date', nullable: true })
  to: string | null;
  @ApiProperty({ type: [AdjustmentDto] })
  adjustments: AdjustmentDto[];
  @ApiProperty({ type: [String] })
  remarks: string[];
  @ApiProperty()
  balanced: boolean;
  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'The claim that it takes back.' })
  reversalOf: string | null;

  static from(view: ClaimView, currency: string): RemittanceClaimDto {
    const money = (minor: string) => formatAmount({ minor: BigInt(minor), currency });
    const { id, patientAccount, status, from, to, remarks, reversalOf } = view;
    return Object.assign(new RemittanceClaimDto(), {
      ...{ id, patientAccount, status, from, to, remarks, reversalOf, charge: money(view.charge) },
      ...{ paid: money(view.paid), patientResponsibility: money(view.patientResponsibility) },
      ...{ payerControlNumber: view.payerControl, adjustments: view.adjustments.map(adjustment(currency)) },
      balanced: view.isBalanced,
    });
  }
}

export class RemittanceClaimPageDto {
  @ApiProperty({ type: [RemittanceClaimDto] })
  items: RemittanceClaimDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
}

export class ServiceLineDto {
  @ApiProperty()
  procedure: string;
  @ApiProperty({ type: [String] })
  modifiers: string[];
  @ApiProperty({ example: '400.00' })
  charge: string;
  @ApiProperty({ example: '395.00' })
  paid: string;
  @ApiProperty({ type: String, nullable: true })
  units: string | null;
  @ApiProperty({ type: String, format: 'date', nullable: true })
  servedOn: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'REF 6R.' })
  controlNumber: string | null;
  @ApiProperty({ type: [AdjustmentDto] })
  adjustments: AdjustmentDto[];
  @ApiProperty({ type: [String] })
  remarks: string[];
  @ApiProperty()
  balanced: boolean;

  static from(view: LineView, currency: string): ServiceLineDto {
    const money = (minor: string) => formatAmount({ minor: BigInt(minor), currency });
    const { procedure, modifiers, units, servedOn, controlNumber, remarks } = view;
    return Object.assign(new ServiceLineDto(), {
      ...{ procedure, modifiers, units, servedOn, controlNumber, remarks, balanced: view.isBalanced },
      ...{ charge: money(view.charge), paid: money(view.paid) },
      adjustments: view.adjustments.map(adjustment(currency)),
    });
  }
}

export class ServiceLinesDto {
  @ApiProperty({ type: [ServiceLineDto] })
  items: ServiceLineDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor: null;
}

export class ProviderAdjustmentDto {
  @ApiProperty()
  providerId: string;
  @ApiProperty({ type: String, format: 'date', nullable: true })
  fiscalOn: string | null;
  @ApiProperty({ example: 'WO' })
  reason: string;
  @ApiProperty({ type: String, nullable: true })
  reference: string | null;
  @ApiProperty({ example: '3.95', description: 'Positive takes from the payment.' })
  amount: string;

  static from({ amount: minor, ...view }: AdjustmentView, currency: string): ProviderAdjustmentDto {
    const amount = formatAmount({ minor: BigInt(minor), currency });
    return Object.assign(new ProviderAdjustmentDto(), { ...view, amount });
  }
}

export class ProviderAdjustmentsDto {
  @ApiProperty({ type: [ProviderAdjustmentDto] })
  items: ProviderAdjustmentDto[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor: null;
}

export class PatientDto {
  @ApiProperty({ type: String, nullable: true })
  name: string | null;
  @ApiProperty({ type: String, nullable: true })
  memberId: string | null;
}
