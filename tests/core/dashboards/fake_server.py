"""As much of W&B's GraphQL as the dashboard asks for: it keeps views, and what it was asked."""

import gzip
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ENTITY = "team"
USER = {"id": "U1", "entity": ENTITY, "username": "eva", "email": "", "flags": "{}"}
NO_MORE = {"endCursor": None, "hasNextPage": False}


class FakeWandb:
    """The state of the server.

    Attributes:
        projects: Names of the entity's projects.
        views: Id to the variables that it was saved with.
        asked: Queries and variables, in order.
        refuses: Whether every request is answered by 403.
        url: Its address, while it is served.
    """

    def __init__(self):
        self.projects, self.views, self.asked, self.refuses = set(), {}, [], False
        self.url = ""

    @property
    def saved(self):
        """Variables of every save, in order."""
        return [variables for query, variables in self.asked if "upsertView" in query]

    def answer(self, query, variables):
        self.asked.append((query, variables))
        for word, reply in (
            ("upsertView", self._upsert),
            ("upsertModel", self._new_project),
            ("upsertBucket", self._run),
            ("createRunFiles", self._files),
            ("allViews", self._views),
            ("models(", self._projects),
            ("ProjectInternalId", self._project),
            ("viewer", lambda variables: {"viewer": {**USER, "teams": {"edges": []}}}),
        ):
            if word in query:
                return reply(variables)
        return {}

    def _upsert(self, given):
        given = dict(given)
        key = given.get("id") or f"View{len(self.views)}"
        inserted, self.views[key] = key not in self.views, given
        names = {name: given[name] for name in ("type", "name", "displayName", "spec")}
        project = {"id": "P1", "name": given["projectName"], "entityName": ENTITY}
        view = {"id": key, **names, "description": "", "project": project}
        view["updatedAt"] = "2026-01-01T00:00:00"
        return {"upsertView": {"view": view, "inserted": inserted}}

    def _run(self, given):
        entity = {"id": "E1", "name": ENTITY}
        project = {"id": "P1", "name": given["project"], "entity": entity}
        run = {
            "id": "R1",
            "name": given["name"],
            "displayName": "",
            "description": "",
            "config": "{}",
        }
        bucket = {**run, "sweepName": "", "project": project, "historyLineCount": 0}
        return {"upsertBucket": {"bucket": bucket, "inserted": True}}

    def _files(self, given):
        files = [{"name": name, "uploadUrl": f"{self.url}/file"} for name in given["files"]]
        return {"createRunFiles": {"runID": "R1", "uploadHeaders": [], "files": files}}

    def _new_project(self, given):
        name = given["input"]["name"]
        self.projects.add(name)
        model = {
            "id": name,
            "name": name,
            "entityName": ENTITY,
            "description": None,
            "access": None,
        }
        return {
            "result": {"project": {**_project(name), **model}, "model": model, "inserted": True}
        }

    def _views(self, asked):
        name = asked.get("project") or asked.get("name")
        if name not in self.projects:
            return {"project": None}
        extra = {"user": None, "createdAt": "", "updatedAt": ""}
        found = [
            {"node": {**view, **extra, "id": key}, "cursor": key}
            for key, view in self.views.items()
            if view["type"] == asked.get("viewType", "runs")
            and asked.get("viewName") in (None, view["name"])
        ]
        return {"project": {"allViews": {"edges": found, "pageInfo": NO_MORE}}}

    def _project(self, asked):
        name = asked["projectName"]
        return {"project": _project(name) if name in self.projects else None}

    def _projects(self, asked):
        edges = [{"node": _project(name), "cursor": name} for name in sorted(self.projects)]
        return {"models": {"edges": edges, "pageInfo": NO_MORE}}


def _project(name):
    times = {"createdAt": "2026-01-01T00:00:00", "isBenchmark": False}
    return {
        "id": name,
        "internalId": "1",
        "name": name,
        "entityName": ENTITY,
        "user": None,
        **times,
    }


@contextmanager
def serving(state):
    """Serve a state on localhost; gives the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            asks = self.path == "/graphql" and not state.refuses
            data = {}
            if asks:
                asked = json.loads(body)
                data = state.answer(asked["query"], asked.get("variables") or {})
            reply = json.dumps({"data": data}).encode()
            self.send_response(403 if state.refuses else 200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        do_PUT = do_POST  # noqa: N815

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    state.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield state.url
    finally:
        server.shutdown()
        server.server_close()
