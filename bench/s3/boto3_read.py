"""Reads a bucket, or its one object, to nowhere with boto3: one request after another, or from a pool of threads."""
import argparse
import concurrent.futures
import threading

import boto3
import botocore.config

CHUNK, RANGE = 1 << 20, 8 << 20


def make_client(args):
    """Path style, as the others; a connection for each thread."""
    config = botocore.config.Config(max_pool_connections=max(args.threads, 10), s3={"addressing_style": "path"})
    return boto3.client("s3", endpoint_url=args.endpoint, region_name="us-east-1", config=config)


def list_bucket(client, bucket, at_most):
    found = 0
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for item in page.get("Contents", []):
            if at_most and found == at_most:
                return
            found += 1
            yield item["Key"], item["Size"]


def drain(body, buffer):
    """Reads an answer into the same memory again and again: cheaper than iter_chunks, which makes new bytes."""
    total, view = 0, memoryview(buffer)
    while got := body.readinto(view):
        total += got
    return total


def read_whole(client, bucket, key, size):
    body = client.get_object(Bucket=bucket, Key=key)["Body"]
    return drain(body, bytearray(CHUNK)) if size > CHUNK else len(body.read())


def read_range(client, bucket, key, first, last):
    body = client.get_object(Bucket=bucket, Key=key, Range=f"bytes={first}-{last}")["Body"]
    return drain(body, bytearray(CHUNK))


def sequential(client, args):
    return [read_whole(client, args.bucket, key, size) for key, size in list_bucket(client, args.bucket, args.objects)]


def pool(client, args):
    """As many tasks ahead as there are threads twice over, so that a listing of any length takes no memory."""
    room = threading.Semaphore(2 * args.threads)
    with concurrent.futures.ThreadPoolExecutor(args.threads) as threads:
        def submit(*task):
            room.acquire()
            future = threads.submit(*task)
            future.add_done_callback(lambda _: room.release())
            return future

        read = []
        for key, size in list_bucket(client, args.bucket, args.objects):
            if size <= RANGE:
                read.append([submit(read_whole, client, args.bucket, key, size)])
            else:
                read.append([submit(read_range, client, args.bucket, key, at, min(at + RANGE, size) - 1)
                             for at in range(0, size, RANGE)])
        return [sum(part.result() for part in parts) for parts in read]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--endpoint", required=True)
    parser.add_argument("--bucket", required=True)
    parser.add_argument("--threads", type=int, default=0, help="0: one request after another")
    parser.add_argument("--objects", type=int, default=0, help="read so many only; 0: all")
    args = parser.parse_args()
    read = (pool if args.threads else sequential)(make_client(args), args)
    print(f"{len(read)} objects, {sum(read)} bytes")


if __name__ == "__main__":
    main()
