import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createKitTables } from '@quittance/service-kit/database/kit-tables';

export class CreateKitTables1790000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of createKitTables('billing')) await runner.query(sql);
  }

  down(): Promise<void> {
    throw new Error('forward only');
  }
}
