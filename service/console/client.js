// Talks to the service; every failure becomes a Problem with a mend.

let key = sessionStorage.getItem("souffleur-key") || "";

export class Problem extends Error {
  constructor(body) {
    super(body.detail || body.title);
    this.body = body;
  }
}

export function useKey(value) {
  key = value;
  sessionStorage.setItem("souffleur-key", value);
}

export async function call(path, body, signal) {
  const headers = { Accept: "application/json" };
  if (body) headers["Content-Type"] = "application/json";
  if (key) headers.Authorization = `Bearer ${key}`;
  const response = await fetch(path, { method: body ? "POST" : "GET", headers, body: body && JSON.stringify(body), signal });
  if (response.ok) return response.json();
  const problem = await response.json().catch(() => ({ status: response.status, title: response.statusText, errors: [], mend: "" }));
  throw new Problem(problem);
}
