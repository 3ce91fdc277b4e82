/** Whether a field is not there: bytes of which there are none come as an empty list. */
export const isUnset = (value: unknown) =>
  value === undefined || value === null || (Array.isArray(value) && value.length === 0)
