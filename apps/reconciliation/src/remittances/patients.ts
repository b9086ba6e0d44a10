import { createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { SecretBox, SecretPlace } from '@quittance/service-kit/secrets/secret-box';
import { TenantBoxes } from '../sealing/tenant-boxes.ts';
import type { Claim } from '../x12/remittance.ts';

export interface Patient {
  readonly name: string | null;
  readonly memberId: string | null;
}

const placeOf = (tenantId: string, claimId: string): SecretPlace => {
  return { tenantId, table: 'remittance_claims', column: 'patient', rowId: claimId };
};

/** Whom a claim is about, sealed for its tenant. Members are found by a hash under a key that only its box has. */
@Injectable()
export class Patients {
  constructor(private readonly boxes: TenantBoxes) {}

  async sealer(tx: Tx, tenantId: string): Promise<(claimId: string, claim: Claim) => Sealed> {
    const box = await this.boxes.of(tx, tenantId);
    const key = hashKey(box, tenantId);
    return (claimId, { patient }) => {
      if (patient.name === null && patient.memberId === null) return { patient: null, memberHash: null };
      const sealed = box.seal(JSON.stringify(patient), placeOf(tenantId, claimId));
      const memberHash = patient.memberId === null ? null : createHmac('sha256', key).update(patient.memberId).digest();
      return { patient: sealed, memberHash };
    };
  }

  async open(tx: Tx, tenantId: string, claimId: string, sealed: Buffer): Promise<Patient> {
    const box = await this.boxes.of(tx, tenantId);
    return JSON.parse(box.open(sealed, placeOf(tenantId, claimId))) as Patient;
  }
}

interface Sealed {
  readonly patient: Buffer | null;
  readonly memberHash: Buffer | null;
}

const hashKey = (box: SecretBox, tenantId: string) => box.derive(`members of ${tenantId}`);
