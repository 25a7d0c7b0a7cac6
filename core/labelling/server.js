// Asks the labelling program to do something; what it refuses is an error to show.

export async function ask(action, fields) {
  let answer;
  try {
    answer = await fetch(`/api/${action}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(fields),
    });
  } catch {
    throw new Error("No answer. Start the program again and open the address that it prints; confirmed labels are kept.");
  }
  if (answer.status === 403) throw new Error("The labelling program was started anew: open the address that it printed.");
  const said = await answer.json();
  if (answer.ok || said.conflict) return said;
  throw new Error(answer.status === 503 ? `Not saved: ${said.message}` : said.message);
}
