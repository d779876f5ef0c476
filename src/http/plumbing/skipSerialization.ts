/** For the busiest routes: the response is typed where it is built, and is not validated again when sent. */
export const skipSerialization = () => (data: unknown) => JSON.stringify(data)
