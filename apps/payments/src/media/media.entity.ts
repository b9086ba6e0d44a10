import { EntitySchema } from 'typeorm';
import { instant, uuid } from '@quittance/service-kit/database/columns';
import type { Media } from '../domain/media.ts';

export const MediaEntity = new EntitySchema<Media>({
  name: 'media',
  tableName: 'media',
  columns: {
    tenantId: uuid('tenant_id', { primary: true }),
    id: uuid('id', { primary: true }),
    paymentId: uuid('payment_id'),
    name: { type: 'text' },
    contentType: { type: 'text', name: 'content_type' },
    sizeBytes: { type: 'integer', name: 'size_bytes' },
    sha256: { type: 'text' },
    masked: { type: 'boolean' },
    suspected: { type: 'boolean' },
    createdAt: instant('created_at'),
  },
});
