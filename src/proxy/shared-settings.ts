/** Settings that several kinds of proxy share. */
import { z } from 'zod';

/** `on` or `off`, as proxies write it. */
export const onOff = () => z.enum(['on', 'off']);

/** When a proxy that holds a body back sends the head of the response. */
export const headers = () => z.enum(['with_first_burst', 'early']);
