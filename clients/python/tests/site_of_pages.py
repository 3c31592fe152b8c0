"""A site of pages, some of them copies of others, on a port of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from texts import report

#: Furniture of the site, another one on each page.
HEAD = "<nav>首页 新闻 文档 登录 注册</nav><div>当前位置:首页 &gt; 正文</div>"


class Server(ThreadingHTTPServer):
    #: Connections that wait; with fewer a crawler that opens many at once has some refused for seconds.
    request_queue_size = 128
    daemon_threads = True


class Site:
    """``pages`` pages.

    Every fifth from the second on is a copy of one before it, with furniture and a notice of its own.
    """

    def __init__(self, pages: int, seen: Callable[[int], None] = lambda number: None) -> None:
        self.pages = pages
        self.copies = {n: n - 3 for n in range(5, pages, 5)}
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                number = self.path.rpartition("/")[2]
                body = (site.index() if not number.isdigit() else site.page(int(number))).encode()
                if number.isdigit():
                    seen(int(number))
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"

    def index(self) -> str:
        return "".join(f'<a href="/p/{n}">{n}</a>\n' for n in range(self.pages))

    def page(self, number: int) -> str:
        text = report(self.copies.get(number, number), 24)
        body = "".join(f"<p>{line}</p>\n" for line in text.strip().split("\n"))
        foot = f"<p>责任编辑:佚名 点击:{number}次</p>" if number in self.copies else ""
        article = f"<article><h1>第{number}号</h1>\n{body}{foot}</article>"
        return f"<html><head><title>{number}</title></head><body>{HEAD}{article}<footer>版权所有</footer></body></html>"

    def __enter__(self) -> Site:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
