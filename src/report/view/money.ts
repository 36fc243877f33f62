/** Amounts of money as text. */

/** Money in its currency; small amounts keep two digits that say something. */
export function formatMoney(amount: number, currency: string): string {
  return `${moneyText(amount)} ${currency}`;
}

/** The same without its currency. */
export function moneyText(amount: number): string {
  if (amount === 0) return '0';
  return amount >= 0.1 ? amount.toFixed(2) : Number(amount.toPrecision(2)).toString();
}
