import os,sys
sys.path.insert(0,"/work/main")
from tests.test_host_s3 import *
from tests.test_host_s3 import put_by_child
def test_x(in_parts, tmp_path):
    content = os.urandom(3 * PART + 1000)
    source, notes = source_of(tmp_path, content), tmp_path / "notes"
    put_by_child(in_parts.settings, source, "s3.part:after@2=kill", notes)
    u=uploads(in_parts)
    print(len(u))
    for p in in_parts.client.list_parts(Bucket=in_parts.settings.bucket,Key=KEY,UploadId=u[0]["UploadId"])["Parts"]: print(p)
    from storage.hosts.s3_upload import parts_of
    print([ (p.number,p.size,p.md5) for p in parts_of(open(source[0],"rb"),source[2],PART)])
    assert put_by_child(in_parts.settings, source, "*=note", notes) == 0
    print(notes.read_text())
