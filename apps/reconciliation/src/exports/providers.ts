import type { Provider } from '@nestjs/common';
import { ExportsService } from './exports.service.ts';
import { GlExportRepository } from './gl-export.repository.ts';

/** For the module: how the books are written for other programs. */
export const exportProviders: readonly Provider[] = [GlExportRepository, ExportsService];
