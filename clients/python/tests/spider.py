"""Crawls a site with the add-on; run by the tests, since a reactor runs once in a process.

spider.py URL OUT SETTINGS: items go to OUT/items.jsonl, statistics to OUT/stats.json.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import scrapy
from scrapy.crawler import CrawlerProcess


class PageSpider(scrapy.Spider):
    name = "pages"

    def parse(self, response):
        yield from response.follow_all(css="a", callback=self.page)

    def page(self, response):
        yield {"url": response.url, "html": response.text}


def main(url: str, out: Path, given: dict[str, object]) -> None:
    settings = {
        "ADDONS": {"taoxi.scrapy.Addon": 300},
        "FEEDS": {out / "items.jsonl": {"format": "jsonlines", "encoding": "utf8"}},
        "LOG_LEVEL": "WARNING",
        "CONCURRENT_REQUESTS": 32,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 32,
        "DOWNLOAD_DELAY": 0,
        "ROBOTSTXT_OBEY": False,
        "TELNETCONSOLE_ENABLED": False,
        **given,
    }
    process = CrawlerProcess(settings)
    crawler = process.create_crawler(PageSpider)
    process.crawl(crawler, start_urls=[url])
    process.start()
    (out / "stats.json").write_text(json.dumps(crawler.stats.get_stats(), default=str))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), json.loads(sys.argv[3]))
