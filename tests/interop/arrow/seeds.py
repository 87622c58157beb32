"""Makes the small files of tests/fuzz/arrow/corpus anew, with pyarrow (PyPI): seeds.py FOLDER. Their first four bytes choose the fuzz
target's options. old_union.* are not from here but by hand: those of tests/unit/format-arrow/old_unions.c."""
import pyarrow as pa, pyarrow.ipc as ipc, sys, os
out=sys.argv[1]
def save(name,data,head=b"\x0f\x01\x04\x00"): open(os.path.join(out,name),"wb").write(head+data)
def stream(batches,schema=None,**o):
    s=pa.BufferOutputStream()
    with ipc.new_stream(s,schema or batches[0].schema,options=ipc.IpcWriteOptions(**o)) as w:
        for b in batches: w.write_batch(b)
    return s.getvalue().to_pybytes()
def file(batches,**o):
    s=pa.BufferOutputStream()
    with ipc.new_file(s,batches[0].schema,options=ipc.IpcWriteOptions(**o)) as w:
        for b in batches: w.write_batch(b)
    return s.getvalue().to_pybytes()
def rb(**c): return pa.record_batch(c)
plain=rb(i=pa.array([1,None,3],pa.int32()),s=pa.array(["a",None,"long text, longer than a view"]),b=pa.array([True,None,False]))
nested=rb(l=pa.array([[1,2],None,[]],pa.list_(pa.int8())),m=pa.array([[("k",1)],[],None],pa.map_(pa.string(),pa.int16())),st=pa.array([{"a":1,"b":[1.5]},None,{"a":None,"b":None}]),f=pa.array([[1,2],[3,4],None],pa.list_(pa.int16(),2)))
views=rb(v=pa.array(["short","a long text that is not inline",None],pa.string_view()),lv=pa.array([[1],[2,3],None],pa.list_view(pa.int32())),r=pa.RunEndEncodedArray.from_arrays(pa.array([2,3],pa.int16()),pa.array(["x",None])))
union=pa.record_batch([pa.UnionArray.from_dense(pa.array([0,1,0],pa.int8()),pa.array([0,0,1],pa.int32()),[pa.array([1,2]),pa.array(["u"])]),pa.UnionArray.from_sparse(pa.array([0,1,0],pa.int8()),[pa.array([1,2,3],pa.int8()),pa.array(["u","v","w"])])],["d","s"])
import decimal
nums=rb(d=pa.array([decimal.Decimal("1.23")]*3,pa.decimal128(9,2)),e=pa.array([decimal.Decimal("-1.23")]*3,pa.decimal256(40,2)),t=pa.array([1,2,3],pa.timestamp("us","UTC")),n=pa.nulls(3),iv=pa.array([(1,2,3)]*3,pa.month_day_nano_interval()),x=pa.array([b"abc"]*3,pa.binary(3)))
def dic(vals,idx,t=pa.int8()): return pa.record_batch([pa.DictionaryArray.from_arrays(pa.array(idx,t),pa.array(vals))],["d"])
for n,b in dict(plain=plain,nested=nested,views=views,union=union,nums=nums).items():
    save(n+".stream",stream([b,b.slice(1)]))
    save(n+".file",file([b,b]),b"\x00\x01\x04\x00")
for c in("lz4","zstd"): save("plain."+c,stream([plain,plain],compression=c))
save("delta",stream([dic(["a"],[0,0]),dic(["a","b"],[0,1]),dic(["a","b","c"],[2,1])],emit_dictionary_deltas=True))
save("replaced",stream([dic(["a"],[0,0]),dic(["b","c"],[0,1])]))
save("delta.file",file([dic(["a"],[0,0]),dic(["a","b"],[0,1])],emit_dictionary_deltas=True))
save("v4",stream([plain],metadata_version=ipc.MetadataVersion.V4,use_legacy_format=True))
inner=pa.DictionaryArray.from_arrays(pa.array([0,1],pa.int8()),pa.array(["p","q"]))
save("nested_dictionary",stream([pa.record_batch([pa.DictionaryArray.from_arrays(pa.array([0,0,1],pa.int8()),pa.StructArray.from_arrays([inner],["z"]))],["d"])]))
save("empty",stream([],schema=pa.schema([("a",pa.int64())])))
save("columns_none",stream([pa.RecordBatch.from_struct_array(pa.array([{}]*3,pa.struct([])))]))
