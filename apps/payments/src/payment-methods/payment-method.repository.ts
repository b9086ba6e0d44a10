import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { PaymentMethod } from '../domain/payment-method.ts';
import { rowMap } from '../rows.ts';
import { PaymentMethodEntity } from './payment-method.entity.ts';

type MethodKey = Pick<PaymentMethod, 'tenantId' | 'id'>;

const rows = rowMap(PaymentMethodEntity);
const insertSql = `
  INSERT INTO payment_methods (${rows.columns()})
  SELECT ${rows.columns('r.')} FROM jsonb_populate_recordset(NULL::payment_methods, $1::jsonb) r`;
const findManySql = `
  SELECT ${rows.columns('m.')} FROM payment_methods m
    JOIN unnest($1::uuid[], $2::uuid[]) k (tenant_id, id) ON m.tenant_id = k.tenant_id AND m.id = k.id`;

@Injectable()
export class PaymentMethodRepository {
  async insert(tx: Tx, method: PaymentMethod): Promise<void> {
    await tx.execute(insertSql, [rows.toJson([method])]);
  }

  find(tx: Tx, { tenantId, id }: MethodKey): Promise<PaymentMethod | null> {
    return tx.manager.findOneBy(PaymentMethodEntity, { tenantId, id });
  }

  async findMany(tx: Tx, keys: readonly MethodKey[]): Promise<PaymentMethod[]> {
    if (keys.length === 0) return [];
    const found = await tx.query<object>(findManySql, [keys.map((key) => key.tenantId), keys.map((key) => key.id)]);
    return found.map((row) => rows.fromRow(row));
  }
}
