// What a partner does, as the tests of its dialect need it: quotes, a booking, what it says that it collected.
import type { Api } from '@quittance/testing/api';
import type { BookingDto } from '../partners/booking.dto.ts';
import type { BookingInstalmentsDto, PartnerInstalmentDto } from '../partners/instalments.dto.ts';
import type { QuotePackageDto } from '../partners/quoted.dto.ts';

export interface Problem {
  code: string;
  detail: string;
  errors?: { pointer?: string; detail: string }[];
}

export const places = ({ errors = [] }: Problem) => errors.map(({ pointer }) => pointer);

export const term = { policy_start_date: '2021-08-25T02:47:12Z', policy_end_date: '2022-08-25' };
/** 308.00, of the printed quote. */
export const priced = { ...term, premium: 280, tax: { taxes: [{ code: 'IPT', amount: '28.00' }], total_tax: 28.0 } };
/** 90.00, of the printed instalments. */
export const ninety = { ...term, premium: 90 };
export const policyholder = { first_name: 'Ada', email: 'ada@example.org' };

export const chosen = ({ quotes }: QuotePackageDto, plan = '1year-monthly') =>
  Object.values(quotes).map(({ id }) => ({ id, instalment_plan: plan }));

/** That this instalment was collected, unless a test says otherwise. */
export const attempt = (instalment: PartnerInstalmentDto | null | undefined, said: object = {}) => ({
  ...{ id: instalment?.quote, instalment_id: instalment?.id, instalment_number: instalment?.number },
  ...{ payment_attempted_date: '2021-08-25T14:15:22Z', payment_status: 'PAID', payment_failures: {}, ...said },
});

/** The partner ACME. */
export function partnerOf(api: Api) {
  const root = '/x/partners/ACME';
  const quoted = async (...quotes: object[]) => {
    const { status, body } = await api.post<QuotePackageDto>(`${root}/quotes`, { currency: 'USD', quotes });
    expect([status, body]).toEqual([201, expect.anything()]);
    return body;
  };
  const booked = async (...quotes: object[]) => {
    const found = await quoted(...quotes);
    const body = { quotes: chosen(found), policyholder };
    const answer = await api.post<BookingDto>(`${root}/bookings/${found.id}`, body);
    expect([answer.status, answer.body]).toEqual([201, expect.anything()]);
    return answer.body;
  };
  const read = async (id: string) => (await api.get<BookingInstalmentsDto>(`${root}/bookings/${id}/instalments`)).body;
  return {
    ...{ quoted, booked, read },
    nextOf: async (id: string, at = 0) => (await read(id)).quotes[at]?.next_payment,
    confirm: <T = BookingInstalmentsDto>(id: string, quotes: object[], headers?: Record<string, string>) =>
      api.post<T>(`${root}/bookings/${id}/instalments`, { quotes }, headers),
  };
}
export type Partner = ReturnType<typeof partnerOf>;
