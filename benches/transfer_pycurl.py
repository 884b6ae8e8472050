"""The same as transfer_curlback.c with PycURL: get COUNT URL, or version. See transfer.h."""

import resource
import sys

import pycurl


class Work:
    def __init__(self):
        self.callbacks = 0
        self.bytes = 0

    def on_body(self, data):
        self.callbacks += 1
        self.bytes += len(data)


def get(count, url):
    work = Work()
    curl = pycurl.Curl()
    curl.setopt(pycurl.NOSIGNAL, 1)
    curl.setopt(pycurl.URL, url)
    curl.setopt(pycurl.WRITEFUNCTION, work.on_body)
    for _ in range(count):
        curl.perform()
    assert curl.getinfo(pycurl.RESPONSE_CODE) == 200
    curl.close()
    return work


def main():
    if sys.argv[1] == "version":
        print(pycurl.version)
        return
    before = resource.getrusage(resource.RUSAGE_SELF)
    work = get(int(sys.argv[2]), sys.argv[3])
    after = resource.getrusage(resource.RUSAGE_SELF)
    user = round((after.ru_utime - before.ru_utime) * 1e6)
    system = round((after.ru_stime - before.ru_stime) * 1e6)
    print(f"callbacks {work.callbacks} bytes {work.bytes} user_us {user} sys_us {system}")


main()
